#!/usr/bin/env node
// The `leyden` command. In a checkout it runs the sources as they are, through tsx; in the published package it runs
// what was compiled from them.
import { existsSync } from 'node:fs';

if (existsSync(new URL('./main.ts', import.meta.url))) {
  const { register } = await import('tsx/esm/api');
  register();
  await import(new URL('./main.ts', import.meta.url).href);
} else {
  await import(new URL('../../dist/cli/main.js', import.meta.url).href);
}
