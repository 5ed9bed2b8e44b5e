/** The whole suite: every behaviour that the operator relies on, on whatever server it is given. */
import { describe } from 'vitest';
import type { UseTarget } from '../target.ts';
import { deletion } from './deletion.ts';
import { installations } from './installations.ts';
import { kinds } from './kinds.ts';
import { ownership } from './ownership.ts';
import { reads } from './reads.ts';
import { schemas } from './schemas.ts';
import { writes } from './writes.ts';

export function kubeApiConformance(use: UseTarget): void {
  describe('writes', () => writes(use));
  describe('deletion', () => deletion(use));
  describe('reads', () => reads(use));
  describe('schemas', () => schemas(use));
  describe('ownership', () => ownership(use));
  describe('kinds', () => kinds(use));
  describe('installations', () => installations(use));
}
