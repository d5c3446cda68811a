import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/base/errors.ts';
import { registerChainCommand } from '../../src/cli/chainCommand.ts';
import { formatChain, runChainCommand } from '../../src/cli/chainTables.ts';
import { writeOutFile } from '../../src/host/outFile.ts';
import { blockFile } from '../../src/io/blockFile.ts';
import { chainListing } from '../../src/io/chainListing.ts';
import { chainReport } from '../../src/io/chainReport.ts';
import { channelLives } from '../io/channelLives.ts';

const { world, graph } = channelLives('anchors_zero_fee_htlc_tx');
let folder = '';
let blocks = '';
let listing = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leyden-chain-'));
  blocks = join(folder, 'run.blocks');
  listing = join(folder, 'run.txt');
  writeOutFile('--chain-out', blocks, blockFile(world.chain));
  writeOutFile('--chain-listing', listing, chainListing(world, graph));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (name: string, bytes: string | Uint8Array = ''): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

describe('leyden chain', () => {
  test('prints blocks, fee rates, kinds and waits in aligned tables', async () => {
    const text = await runChainCommand(blocks);
    const [head, blank, title] = text.split('\n');
    expect(head).toContain(
      `a regtest chain of ${world.blocks} blocks, ${world.transactions.length - world.blocks} transactions`,
    );
    expect([blank, title]).toEqual(['', 'blocks']);
    expect(text).toContain(`  tip      ${world.chain.tipHash}\n`);
    expect(text).toMatch(/^ {2}time {5}2011-02-02 23:16:42 to 2011-02-0\d \d\d:\d\d:\d\d \(\dd \d+h\)$/m);
    expect(text).toMatch(/signatures taken as good \(--verify checks them\)$/m);
    expect(text).toMatch(/^transactions by kind, as their scripts show$/m);
    expect(text).toMatch(/^ {2}funding +6 +[\d,]+ +[\d,]+$/m);
    expect(text).toMatch(/^ {2}revoked-commitment +1 /m);
    expect(text).toMatch(/^ {2}penalty +1 of 1 +1 +1 +1 +1 +1 +[\dmsh ]+ claimed output$/m);
    expect(text.split('\n').every((line) => line === line.trimEnd())).toBe(true);
  });

  test('knows more with the listing of the run', async () => {
    const text = await runChainCommand(blocks, { listing });
    expect(text).toMatch(/^transactions by kind, as the run’s listing says$/m);
    expect(text).toMatch(/^ {2}revoked-commitment +2 /m);
  });

  test('prints the same numbers as one JSON object', async () => {
    const printed: unknown = JSON.parse(await runChainCommand(blocks, { json: true, verify: true }));
    const { report } = chainReport(world.chain);
    expect(printed).toEqual({
      file: blocks,
      signatures: 'verified',
      ...(JSON.parse(JSON.stringify(report)) as object),
    });
  });

  test('draws the picture, whole or not at all, over an older one', async () => {
    const svg = inFolder('chain.svg', 'old');
    await runChainCommand(blocks, { svg });
    expect(readFileSync(svg, 'utf8')).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('says from when on a node imports blocks that are dated ahead', () => {
    const { report } = chainReport(world.chain);
    expect(formatChain('x', report, true, report.latestSeconds)).not.toContain('mocktime');
    expect(formatChain('x', report, true, report.latestSeconds - 7201)).toContain(`-mocktime=${report.latestSeconds}`);
  });

  test('is a command of the program', async () => {
    const printed: string[] = [];
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (text: string | Uint8Array): boolean => printed.push(String(text)) > 0;
    try {
      const program = new Command('leyden');
      registerChainCommand(program);
      await program.parseAsync(['chain', blocks, '--json', '--listing', listing], { from: 'user' });
    } finally {
      process.stdout.write = write;
    }
    expect(printed.join('')).toBe(`${await runChainCommand(blocks, { json: true, listing })}\n`);
  });
});

describe('bad input is one line', () => {
  const fails = async (message: RegExp, ...input: Parameters<typeof runChainCommand>): Promise<void> => {
    const started = performance.now();
    const failed = runChainCommand(...input);
    await expect(failed).rejects.toThrow(UserError);
    await expect(failed).rejects.toThrow(message);
    expect(performance.now() - started).toBeLessThan(3000);
  };

  test('a file that is not there, a directory, an empty one', async () => {
    await fails(/nowhere: found no such file, expected a file$/, join(folder, 'nowhere'));
    await fails(/: found a directory, expected a file$/, folder);
    await fails(/: found an empty file, expected a regtest block file/, inFolder('empty'));
  });

  test('500 MB of zeros, alone and behind a chain', async () => {
    const zeros = inFolder('zeros');
    const behind = inFolder('behind', readFileSync(blocks));
    for (const path of [zeros, behind]) {
      const descriptor = openSync(path, 'r+');
      ftruncateSync(descriptor, 500_000_000);
      closeSync(descriptor);
    }
    await fails(/zeros: block 0 at byte 0: found 00 00 00 00 \(zeros\), expected a regtest block file/, zeros);
    // Bitcoin Core's own files end in zeros
    expect(await runChainCommand(behind)).toContain(world.chain.tipHash);
  });

  test('a truncated file, a wrong magic, an oversized length', async () => {
    const bytes = new Uint8Array(readFileSync(blocks));
    const cut = bytes.slice(0, -1);
    await fails(/block \d+ at byte \d+: found the end of the file after [\d,]+ bytes of it/, inFolder('cut', cut));
    await fails(/found 7b 22 61 22, expected/, inFolder('json', '{"a": 1}'));
    const long = bytes.slice();
    new DataView(long.buffer).setUint32(293 + 4, 0x7fffffff, true);
    await fails(/block 1 at byte 293: found a block of 2,147,483,647 bytes/, inFolder('long', long));
  });

  test('a listing of another chain, and a picture where none can be', async () => {
    await fails(/line 1: found ".*", expected a chain listing/, blocks, { listing: inFolder('no-listing', 'hello') });
    await fails(/bytes that are not UTF-8 text/, blocks, { listing: blocks });
    await fails(/^--svg: found .*, a directory/, blocks, { svg: folder });
    await fails(/^--svg: found .*, which the command reads, expected another file$/, blocks, { svg: blocks });
    await fails(/^--svg: found .*, inside a file/, blocks, { svg: join(blocks, 'x.svg') });
    await fails(/^--svg: found an empty name/, blocks, { svg: '' });
    expect(readFileSync(blocks)).toHaveLength([...blockFile(world.chain)].reduce((sum, { length }) => sum + length, 0));
  });
});
