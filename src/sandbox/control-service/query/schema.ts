/** The GraphQL schema behind `jobsQuery`, misspelt names included. */
import { buildSchema } from 'graphql';

export const querySchema = buildSchema(`
  type Query {
    jobs(pageNumber: Int = 0, pageSize: Int = 20, filter: [Predicate], search: String): DataJobPage
    executions(pageNumber: Int, pageSize: Int, filter: DataJobExecutionFilter, order: DataJobExecutionOrder): DataJobExecutionResponse
  }
  type DataJobPage { content: [DataJob] totalPages: Int totalItems: Int }
  type DataJob { jobName: String config: DataJobConfig deployments: [DataJobDeployment] }
  type DataJobConfig {
    team: String description: String schedule: DataJobSchedule contacts: DataJobContacts
    generateKeytab: Boolean sourceUrl: String logsUrl: String
  }
  type DataJobSchedule { scheduleCron: String nextRunEpochSeconds: Int }
  type DataJobContacts {
    notifiedOnJobFailureUserError: [String] notifiedOnJobFailurePlatformError: [String]
    notifiedOnJobSuccess: [String] notifiedOnJobDeploy: [String]
  }
  type DataJobDeployment {
    id: String enabled: Boolean contacts: DataJobContacts jobVersion: String jobPythonVersion: String
    lastDeployedDate: String lastDeployedBy: String mode: String resources: DataJobResources
    schedule: DataJobSchedule vdkVersion: String
    executions(pageNumber: Int, pageSize: Int, filter: DataJobExecutionFilter, order: DataJobExecutionOrder): [DataJobExecution]
    status: DataJobDeploymentStatus lastExecutionStatus: DataJobExecutionStatus
    lastExecutionTime: String lastExecutionDuration: Int
    successfulExecutions: Int failedExecutions: Int
  }
  type DataJobExecutionResponse { content: [DataJobExecution] totalPages: Int totalItems: Int }
  type DataJobExecution {
    id: String type: DataJobExecutionType jobName: String status: DataJobExecutionStatus
    startTime: String endTime: String startedBy: String message: String opId: String logsUrl: String
    deployment: DataJobExecutionDeployment
  }
  type DataJobExecutionDeployment {
    id: String enabled: Boolean contacts: DataJobContacts jobVersion: String jobPythonVersion: String
    deployedDate: String deployedBy: String mode: String resources: DataJobResources
    schedule: DataJobSchedule vdkVersion: String status: DataJobDeploymentStatus
  }
  type DataJobResources {
    cpuLimit: Float cpuRequest: Float memoryLimit: Int memoryRequest: Int
    empheralStorageLimit: Int empheralSorageRequest: Int netBandwitdthLimit: Int
  }
  input Predicate { property: String pattern: String sort: Direction }
  enum Direction { ASC DESC }
  scalar DateTime
  input DataJobExecutionFilter {
    startTimeGte: DateTime startTimeLte: DateTime endTimeGte: DateTime endTimeLte: DateTime
    statusIn: [DataJobExecutionStatus] jobNameIn: [String] teamNameIn: [String]
  }
  input DataJobExecutionOrder { property: String direction: Direction }
  enum DataJobDeploymentStatus { NONE SUCCESS PLATFORM_ERROR USER_ERROR }
  enum DataJobExecutionStatus { SUBMITTED RUNNING SUCCEEDED CANCELLED SKIPPED USER_ERROR PLATFORM_ERROR }
  enum DataJobExecutionType { MANUAL SCHEDULED }
`);

/** What the service asks itself when no query is given. */
export const standardQuery = `{ jobs(pageNumber: 1, pageSize: 20) {
  content { jobName config { team description schedule { scheduleCron } } } totalPages totalItems } }`;
