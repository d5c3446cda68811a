/**
 * The results of a run on disk, whole or not at all: tables grow beside their place while the run goes on, and the
 * directory is moved there in one step when everything is written.
 */
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UserError } from '../base/errors.ts';
import type { CompiledGraph } from '../graph/compiled.ts';
import type { Scenario } from '../experiment/scenario.ts';
import type { ReplicaRow } from '../experiment/replicas.ts';
import type { RunSummary } from '../experiment/summary.ts';
import { sampleRequest } from '../experiment/sampleRequest.ts';
import { renameFiles } from '../experiment/scenarioFiles.ts';
import { csvEncoder } from '../io/csvEncoder.ts';
import { manifestOf, type RunIdentity, type TableEntry } from '../io/manifest.ts';
import { parquetEncoder } from '../io/parquetEncoder.ts';
import { reliabilityPicture } from '../io/reliabilityPicture.ts';
import { resultColumns, type ResultColumns, type ResultRows } from '../io/resultTables.ts';
import { formatScenario } from '../io/scenarioText.ts';
import type { EdgeBlockingSample, HopBlockingSample, RunListener } from '../sim/records.ts';
import type { WorldResult } from '../sim/worldResult.ts';
import { ByteFile } from './byteFile.ts';
import { draftOf, removeLostDraftsOf } from './draft.ts';
import { makeDirectory } from './makeDirectory.ts';

type TableName = keyof ResultRows;

interface OpenTable<Row> {
  readonly file: string;
  rows: number;
  add(row: Row): void;
  close(): void;
}

/** What a run's directory is made from, besides what the run tells while it goes. */
export interface RunOutcome {
  readonly summary: RunSummary;
  readonly world: WorldResult;
  readonly replicas: readonly ReplicaRow[];
}

export class ResultsDirectory {
  readonly #full: string;
  readonly #draft: string;
  readonly #scenario: Scenario;
  readonly #identity: RunIdentity;
  /** the scenario's name, for errors */
  readonly #file: string;
  /** where the names of files in the scenario start from */
  readonly #base: string;
  readonly #tables: { [Table in TableName]?: OpenTable<ResultRows[Table]> } = {};

  /**
   * @param directory new or empty @param file the scenario's name, for errors
   * @param base the directory that the scenario's file names are relative to
   * @throws UserError if it can't be made
   */
  constructor(directory: string, scenario: Scenario, file: string, identity: RunIdentity, base: string) {
    this.#full = resolve(directory);
    this.#scenario = scenario;
    this.#identity = identity;
    this.#base = base;
    this.#file = file;
    this.#draft = writing(this.#full, () => {
      // beside its place, so that moving it is one step
      const draft = draftOf(this.#full);
      rmSync(draft, { recursive: true, force: true });
      makeDirectory(draft);
      removeLostDraftsOf(this.#full);
      return draft;
    });
  }

  /** Opens the tables that the scenario asks for. @returns what the run is to tell while it goes */
  listen(graph: CompiledGraph): RunListener {
    const columns = resultColumns(graph);
    const { tables, samples: asked } = this.#scenario.results;
    const samples = sampleRequest(this.#scenario, graph, this.#file);
    writing(this.#full, () => {
      for (const table of tables) this.#open(table, columns);
      if (samples) this.#open('channel_samples', columns);
      if (asked?.blocking)
        for (const table of ['blocking_by_hop', 'blocking_by_channel'] as const) this.#open(table, columns);
      if (this.#scenario.replicas) this.#open('replicas', columns);
    });
    const {
      attempts,
      htlcs,
      channel_samples: sampled,
      blocking_by_hop: byHop,
      blocking_by_channel: byChannel,
    } = this.#tables;
    const tellBlocking =
      byHop && byChannel
        ? {
            ofHop: (sample: HopBlockingSample) => byHop.add(sample),
            ofEdge: (sample: EdgeBlockingSample) => byChannel.add(sample),
          }
        : null;
    return {
      ...(attempts ? { attempt: (record) => attempts.add(record) } : {}),
      ...(htlcs ? { htlc: (record) => htlcs.add(record) } : {}),
      ...(samples && sampled ? { samples: { ...samples, tell: (sample) => sampled.add(sample), tellBlocking } } : {}),
    };
  }

  #open<Table extends TableName>(table: Table, columns: ResultColumns): void {
    const { format } = this.#scenario.results;
    const file = `${table}.${format}`;
    const bytes = new ByteFile(join(this.#draft, file));
    const sink = (piece: Uint8Array): void => bytes.write(piece);
    const encoder =
      format === 'csv'
        ? csvEncoder(columns[table], sink)
        : parquetEncoder(columns[table], sink, `leyden ${this.#identity.leyden}`);
    const opened: OpenTable<ResultRows[Table]> = {
      file,
      rows: 0,
      add(row) {
        opened.rows++;
        encoder.add(row);
      },
      close() {
        encoder.finish();
        bytes.close();
      },
    };
    Object.assign(this.#tables, { [table]: opened });
  }

  /** Writes what the end of the run tells, and moves everything to its place. @throws UserError if it can't be written */
  finish({ summary, world, replicas }: RunOutcome): void {
    writing(this.#full, () => {
      const { payments, transactions, blocks } = this.#tables;
      for (const row of world.payments) payments?.add(row);
      for (const row of replicas) this.#tables.replicas?.add(row);
      for (const row of world.transactions) transactions?.add(row);
      for (let height = 0; height <= world.blocks; height++) blocks?.add(world.chain.blockAt(height));
      const entries: Record<string, TableEntry> = {};
      for (const [name, table] of Object.entries(this.#tables)) {
        table.close();
        entries[name] = { file: table.file, rows: table.rows };
      }
      this.#write('summary.json', summary);
      if (summary.calibration)
        writeFileSync(join(this.#draft, 'calibration.svg'), reliabilityPicture(summary.calibration));
      this.#write('manifest.json', manifestOf(this.#identity, world.digest, entries));
      const moved = renameFiles(this.#scenario, (name) => relative(this.#full, resolve(this.#base, name)));
      writeFileSync(join(this.#draft, 'scenario.yaml'), formatScenario(moved));
      // an empty directory gives way to a rename, any other does not
      renameSync(this.#draft, this.#full);
    });
  }

  #write(file: string, value: unknown): void {
    writeFileSync(join(this.#draft, file), `${JSON.stringify(value, null, 2)}\n`);
  }

  /** The run came to nothing: leaves no trace. */
  abandon(): void {
    rmSync(this.#draft, { recursive: true, force: true });
  }
}

/** Before the run: whether the directory may be made. @throws UserError if it is there already, or can't be */
export function checkOutDirectory(directory: string): void {
  const full = resolve(directory);
  if (existsSync(full)) {
    const isEmptyDirectory = statSync(full).isDirectory() && readdirSync(full).length === 0;
    if (isEmptyDirectory) return;
    throw new UserError({
      file: '--out',
      found: `${directory}, which is there already`,
      expected: 'a new or empty directory',
    });
  }
  let parent = dirname(full);
  while (!existsSync(parent)) parent = dirname(parent);
  if (!statSync(parent).isDirectory()) {
    throw new UserError({ file: '--out', found: `${directory}, inside a file`, expected: 'a new or empty directory' });
  }
}

/** Lets what the platform refuses be the user's mistake. */
function writing<T>(directory: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error && 'code' in error)) throw error;
    throw new UserError({
      file: '--out',
      found: `${directory}: ${error.message}`,
      expected: 'a directory that can be written',
    });
  }
}
