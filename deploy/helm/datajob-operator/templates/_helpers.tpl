{{- define "datajob-operator.name" -}}
{{- if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "datajob-operator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "datajob-operator.labels" -}}
{{ include "datajob-operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "datajob-operator.account" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "datajob-operator.name" .) -}}
{{- else -}}
{{- required "Without serviceAccount.create, set serviceAccount.name to an account that exists." .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "datajob-operator.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{- printf "%s@%s" .repository .digest -}}
{{- else -}}
{{- printf "%s:%s" .repository (.tag | default $.Chart.AppVersion) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The namespaces that it looks after, with commas; empty = all. */}}
{{- define "datajob-operator.namespaces" -}}
{{- $default := ternary (list .Release.Namespace) (list) (eq .Values.rbac.scope "Namespace") -}}
{{- .Values.operator.namespaces | default $default | join "," -}}
{{- end -}}

{{/* The Lease that its replicas share, by the name that the program gives it. */}}
{{- define "datajob-operator.lease" -}}
{{- with .Values.operator.watchLabelSelector -}}
{{- printf "datajob-operator-%s" (include "datajob-operator.shard" . | sha256sum | trunc 10) -}}
{{- else -}}
datajob-operator
{{- end -}}
{{- end -}}

{{/* A selector in the one way that all who mean the same write it; a test holds it to the program's. */}}
{{- define "datajob-operator.shard" -}}
{{- $all := list -}}
{{- range regexFindAll "[^,(]+(\\([^)]*\\))?" . -1 -}}
{{- $one := regexReplaceAll "\\s+" . " " | trim -}}
{{- if contains "(" $one -}}
{{- $head := regexReplaceAll " ?\\(.*" $one "" -}}
{{- $values := list -}}
{{- range splitList "," (regexReplaceAll "^.*\\(|\\)$" $one "") -}}
{{- $values = append $values (trim .) -}}
{{- end -}}
{{- $values = $values | uniq | sortAlpha -}}
{{- if eq (len $values) 1 -}}
{{- $sign := ternary "!=" "=" (hasSuffix " notin" $head) -}}
{{- $one = printf "%s%s%s" (regexReplaceAll " (not)?in$" $head "") $sign (first $values) -}}
{{- else -}}
{{- $one = printf "%s (%s)" $head (join "," $values) -}}
{{- end -}}
{{- else -}}
{{- $one = regexReplaceAll "^! " (regexReplaceAll " ?(!=|[=<>])=? ?" $one "${1}") "!" -}}
{{- end -}}
{{- $all = append $all $one -}}
{{- end -}}
{{- $all | uniq | sortAlpha | join "," -}}
{{- end -}}

{{/* The Secret with the API token; empty = the service takes no token. */}}
{{- define "datajob-operator.tokenSecret" -}}
{{- with .Values.controlService.default -}}
{{- if .existingSecret.name -}}
{{- .existingSecret.name -}}
{{- else if .apiToken -}}
{{- printf "%s-control-service" (include "datajob-operator.name" $) -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* What cannot work is refused here, where somebody reads it. */}}
{{- define "datajob-operator.check" -}}
{{- if and (gt (int .Values.replicaCount) 1) (not .Values.leaderElection.enabled) -}}
{{- fail "More than one replica needs leaderElection.enabled." -}}
{{- end -}}
{{- if and (eq .Values.rbac.scope "Namespace") (not .Values.operator.clusterId) -}}
{{- fail "With rbac.scope Namespace, set operator.clusterId: the operator may not look for the cluster's own id." -}}
{{- end -}}
{{- if and (include "datajob-operator.tokenSecret" .) (not .Values.controlService.default.authorizationUrl) -}}
{{- fail "With an API token, set controlService.default.authorizationUrl." -}}
{{- end -}}
{{- end -}}
