/** DuckDB as an independent reader of tables. */
import { DuckDBInstance } from '@duckdb/node-api';

export type SqlRow = Record<string, unknown>;

/** The rows that a query gives, in an empty database; 64-bit integers as `bigint`. */
export async function duckdb(sql: string): Promise<SqlRow[]> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const reader = await connection.runAndReadAll(sql);
    return reader.getRowObjects();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
