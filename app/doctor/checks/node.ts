import { availableParallelism, totalmem } from 'node:os';
import { versions } from 'node:process';
import { ParleyError } from '../../errors.ts';
import { fine } from '../findings.ts';
import type { Check } from '../spec.ts';

/** Runs TypeScript as it is, and has node:sqlite. */
const neededMajor = 24;

export function nodeCheck(version = versions.node): Check {
  return {
    name: 'node',
    title: 'Node and machine',
    deadlineMs: 1_000,
    examine() {
      if (Number.parseInt(version, 10) < neededMajor)
        throw new ParleyError('setup-node-too-old', { found: version });
      const memoryGB = (totalmem() / 1024 ** 3).toFixed(1);
      return Promise.resolve([
        fine(`Node ${version}, ${availableParallelism()} cores, ${memoryGB} GB of memory`),
      ]);
    },
  };
}
