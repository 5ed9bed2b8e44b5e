/**
 * Durable state over node:sqlite: named collections of JSON rows, and the zip of each job's
 * sources. Every write is one transaction, so what was acknowledged is there after a kill -9 and
 * nothing is half there.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { DeployedRow, DesiredRow, ExecutionRow, JobRow, SourceRow } from './model.ts';

export interface Collection<T> {
  get(key: string): T | undefined;
  put(key: string, row: T, owner?: string): void;
  delete(key: string): boolean;
  deleteOf(owner: string): void;
  /** All rows, by key. */
  all(): T[];
  /** The rows of one owner, by key. */
  of(owner: string): T[];
}

export interface Store {
  readonly jobs: Collection<JobRow>;
  /** The deployment gauge of each job; it outlives the status that a job PUT resets. */
  readonly gauges: Collection<number>;
  /** The cluster's CronJobs: they outlive the service. */
  readonly cronJobs: Collection<DeployedRow>;
  readonly desired: Collection<DesiredRow>;
  readonly actual: Collection<DeployedRow>;
  readonly sources: Collection<SourceRow>;
  /** Owned by their job. */
  readonly executions: Collection<ExecutionRow>;
  /** Sets of values by their owner's key: properties, secrets, OAuth credentials. */
  readonly values: Collection<string>;
  readonly zips: {
    get(jobName: string): Uint8Array | undefined;
    put(jobName: string, zip: Uint8Array): void;
    delete(jobName: string): void;
  };
  collection<T>(name: string): Collection<T>;
  /** All of `work`'s writes, or none of them. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export function openStore(databaseFile: string | undefined): Store {
  const database = new DatabaseSync(databaseFile ?? ':memory:');
  // WAL keeps a committed write through the death of the process; a second opener waits a little.
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000;',
  );
  database.exec('CREATE TABLE IF NOT EXISTS zips (job TEXT PRIMARY KEY, zip BLOB NOT NULL)');
  const readZip = database.prepare('SELECT zip FROM zips WHERE job = ?');
  const writeZip = database.prepare('INSERT OR REPLACE INTO zips (job, zip) VALUES (?, ?)');
  const dropZip = database.prepare('DELETE FROM zips WHERE job = ?');
  const collection = <T>(name: string) => openCollection<T>(database, name);
  let depth = 0;
  return {
    jobs: collection('jobs'),
    gauges: collection('gauges'),
    cronJobs: collection('cron_jobs'),
    desired: collection('desired'),
    actual: collection('actual'),
    sources: collection('sources'),
    executions: collection('executions'),
    values: collection('value_sets'),
    zips: {
      get: (jobName) => readZip.get(jobName)?.zip as Uint8Array | undefined,
      put: (jobName, zip) => void writeZip.run(jobName, zip),
      delete: (jobName) => void dropZip.run(jobName),
    },
    collection,
    transaction(work) {
      if (depth > 0) return work();
      database.exec('BEGIN IMMEDIATE');
      depth += 1;
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        database.exec('ROLLBACK');
        throw error;
      } finally {
        depth -= 1;
      }
    },
    close: () => database.close(),
  };
}

/** Most collections are never used in most runs. */
function onFirstUse<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** `name` is one of ours, never a caller's text. */
function openCollection<T>(database: DatabaseSync, name: string): Collection<T> {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${name} (key TEXT PRIMARY KEY, owner TEXT, doc TEXT NOT NULL);
     CREATE INDEX IF NOT EXISTS ${name}_owner ON ${name} (owner);`,
  );
  const statement = (sql: string) => onFirstUse(() => database.prepare(sql));
  const get = statement(`SELECT doc FROM ${name} WHERE key = ?`);
  const put = statement(`INSERT OR REPLACE INTO ${name} (key, owner, doc) VALUES (?, ?, ?)`);
  const drop = statement(`DELETE FROM ${name} WHERE key = ?`);
  const dropOf = statement(`DELETE FROM ${name} WHERE owner = ?`);
  const all = statement(`SELECT doc FROM ${name} ORDER BY key`);
  const of = statement(`SELECT doc FROM ${name} WHERE owner = ? ORDER BY key`);
  const rows = (statement: StatementSync, ...parameters: SQLInputValue[]) =>
    statement.all(...parameters).map((row) => JSON.parse(row.doc as string) as T);
  return {
    get(key) {
      const row = get().get(key);
      return row === undefined ? undefined : (JSON.parse(row.doc as string) as T);
    },
    put: (key, row, owner) => void put().run(key, owner ?? null, JSON.stringify(row)),
    delete: (key) => drop().run(key).changes > 0,
    deleteOf: (owner) => void dropOf().run(owner),
    all: () => rows(all()),
    of: (owner) => rows(of(), owner),
  };
}
