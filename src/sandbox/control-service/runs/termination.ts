/** What a run leaves behind in its termination message, and what the service makes of it. */
import type { ExecutionStatus } from '../model.ts';

export interface Ending {
  readonly status: ExecutionStatus;
  readonly message: string;
  readonly vdkVersion: string;
}

const endings: Readonly<Record<string, Omit<Ending, 'vdkVersion'>>> = {
  Success: { status: 'succeeded', message: 'Success' },
  'User error': { status: 'user_error', message: 'User error' },
  'Platform error': { status: 'platform_error', message: 'Platform error' },
  Skipped: {
    status: 'skipped',
    message: 'Skipping job execution due to another parallel running execution.',
  },
};

const unknown: Ending = { status: 'platform_error', message: 'Platform error', vdkVersion: '' };

/** A completed run without a message succeeded; a message that makes no sense is the platform's. */
export function endingOf(message: string | null): Ending {
  if (message === null || message === '') {
    return { status: 'succeeded', message: 'Success', vdkVersion: '' };
  }
  try {
    const parsed = JSON.parse(message) as { status?: unknown; vdk_version?: unknown } | null;
    const vdkVersion = typeof parsed?.vdk_version === 'string' ? parsed.vdk_version : '';
    const status = String(parsed?.status);
    const known = Object.hasOwn(endings, status) ? endings[status] : undefined;
    return { ...unknown, ...known, vdkVersion };
  } catch {
    return unknown;
  }
}
