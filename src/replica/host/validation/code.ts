/**
 * How large a module may be: its code, its functions, its globals, its tables and memories.
 *
 * Source: specs/replica.md section 4.3.
 */
import { NumberType, readBodies } from '../../../wasm/function.js';
import { readGlobals } from '../../../wasm/global.js';
import { InstructionReader } from '../../../wasm/instructions.js';
import { entryCount, SectionId, sectionPayload, type Section } from '../../../wasm/module.js';

const CODE_SIZE_MAX = 10 * 2 ** 20;
const FUNCTIONS_MAX = 50_000;
const INSTRUCTIONS_PER_FUNCTION_MAX = 1_000_000;
const GLOBALS_MAX = 1000;

const NUMBER_TYPES: readonly number[] = Object.values(NumberType);

/** The limits that can be seen without looking into the functions. */
export function refuseSizes(sections: readonly Section[]): string | undefined {
  const codeSize = sectionPayload(sections, SectionId.code)?.length ?? 0;
  if (codeSize > CODE_SIZE_MAX) {
    return (
      `Wasm module code section size of ${codeSize} ` +
      `exceeds the maximum allowed size of ${CODE_SIZE_MAX}`
    );
  }
  return (
    refuseCount(sections, SectionId.function, 'functions', FUNCTIONS_MAX) ??
    refuseCount(sections, SectionId.global, 'globals', GLOBALS_MAX) ??
    refuseCount(sections, SectionId.table, 'tables', 1) ??
    refuseCount(sections, SectionId.memory, 'memories', 1) ??
    refuseGlobals(sections)
  );
}

function refuseCount(
  sections: readonly Section[],
  id: number,
  what: string,
  max: number,
): string | undefined {
  const count = entryCount(sections, id);
  if (count <= max) return undefined;
  return `Wasm module defined ${count} ${what} which exceeds the maximum number allowed ${max}`;
}

/** Vectors and references cannot be kept from one message to the next. */
function refuseGlobals(sections: readonly Section[]): string | undefined {
  const odd = readGlobals(sections).find(({ type }) => !NUMBER_TYPES.includes(type));
  if (odd === undefined) return undefined;
  const type = `0x${odd.type.toString(16)}`;
  return `Wasm module has an invalid global section. Unsupported global type: ${type}`;
}

/** An instruction takes a byte at least, so only long functions have to be counted. */
export function refuseCode(sections: readonly Section[]): string | undefined {
  for (const [index, { code }] of readBodies(sections).entries()) {
    if (code.length <= INSTRUCTIONS_PER_FUNCTION_MAX) continue;
    const size = countInstructions(code);
    if (size > INSTRUCTIONS_PER_FUNCTION_MAX) {
      return (
        `Wasm module contains a function at index ${index} of size ${size} ` +
        `that exceeds the maximum allowed size of ${INSTRUCTIONS_PER_FUNCTION_MAX}`
      );
    }
  }
  return undefined;
}

function countInstructions(code: Uint8Array): number {
  const reader = new InstructionReader(code);
  let count = 0;
  while (reader.next()) count++;
  return count;
}
