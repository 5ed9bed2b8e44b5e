/**
 * The string formats that a CRD's schema may name and the server checks; any other format is
 * accepted and means nothing, as on the real server. Numbers: see constraints.ts.
 */

import { isIPv4, isIPv6 } from 'node:net';

/** True when the text has the format, or the format is none that is checked. */
export function hasFormat(format: string, text: string): boolean {
  const check = formats.get(format.replaceAll('-', ''));
  return check === undefined || check(text);
}

const uuid = (version: string) =>
  new RegExp(`^[0-9a-f]{8}-?[0-9a-f]{4}-?${version}[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$`, 'i');

const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const formats: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['byte', (text) => /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0],
  ['cidr', isCidr],
  ['date', isDate],
  ['datetime', isDateTime],
  ['duration', isDuration],
  ['email', (text) => /^[^\s@<>]+@[^\s@<>]+$/.test(text)],
  ['hexcolor', (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text)],
  ['hostname', (text) => text.length <= 255 && text.split('.').every(isHostLabel)],
  ['ipv4', isIPv4],
  ['ipv6', isIPv6],
  ['k8slongname', (text) => text.length <= 253 && text.split('.').every((l) => label.test(l))],
  ['k8sshortname', (text) => text.length <= 63 && label.test(text)],
  ['mac', (text) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(text)],
  ['uri', isUri],
  ['uuid', (text) => uuid('[0-9a-f]').test(text)],
  ['uuid3', (text) => uuid('3').test(text)],
  ['uuid4', (text) => uuid('4').test(text)],
  ['uuid5', (text) => uuid('5').test(text)],
] satisfies [string, (text: string) => boolean][]);

function isHostLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/i.test(text);
}

function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false;
  if (isIPv4(address)) return Number(bits) <= 32;
  return isIPv6(address) && Number(bits) <= 128;
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

function isDateTime(text: string): boolean {
  return (
    /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}([.,]\d+)?([Zz]|[+-]\d{2}:?\d{2})$/.test(text) &&
    !Number.isNaN(Date.parse(text.toUpperCase().replace(',', '.')))
  );
}

/** Go's `1h30m`, or a number with a unit in words. */
function isDuration(text: string): boolean {
  if (/^[+-]?0$/.test(text)) return true;
  if (/^[+-]?((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return true;
  const units = 'nano|micro|milli|sec(ond)?|min(ute)?|hour|day|week|hr|ns|us|ms|s|m|h|d|w';
  return new RegExp(`^\\d+\\s*(${units})s?$`).test(text);
}

function isUri(text: string): boolean {
  return text.startsWith('/') || (/^[a-z][a-z0-9+.-]*:/i.test(text) && URL.canParse(text));
}
