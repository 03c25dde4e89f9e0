/**
 * `npm run call -- METHOD [ARGUMENT ...]`: calls the data canister that `npm start` left running
 * and prints the answer. Arguments are texts or JSON, read by the types of the method:
 *
 *     nat64, int64   a number, or a string of digits
 *     blob           a text (its UTF-8 bytes), or "0x" and hexadecimal digits
 *     principal      its text
 *     opt            the value itself, or null; in records it may be left out
 *     variant        an object with one field, such as {"text": "Bern"}
 */
import { readFile } from 'node:fs/promises';
import { IDL } from '@dfinity/candid';
import { Principal } from '@dfinity/principal';
import { idlFactory } from '../src/canister/candid.js';
import { fromJson, isBlob, toJson } from './call/json.js';
import { RUNNING_FILE, type Running } from './start/running.js';

const [method = '', ...texts] = process.argv.slice(2);

async function main(): Promise<void> {
  const methods = new Map(idlFactory({ IDL })._fields);
  const func = methods.get(method);
  if (func === undefined) {
    throw new Error(`expected a method (${[...methods.keys()].join(', ')}), got "${method}"`);
  }
  if (texts.length !== func.argTypes.length) {
    throw new Error(`${method} takes ${func.argTypes.length} arguments, got ${texts.length}`);
  }
  const values = func.argTypes.map((type, index) => fromJson(type, parse(type, texts[index]!)));
  const argument = new Uint8Array(IDL.encode(func.argTypes, values));
  const reply = await send(await running(), func.annotations.includes('query'), argument);
  const [answer] = IDL.decode(func.retTypes, reply);
  console.log(JSON.stringify(toJson(answer), undefined, 2));
}

/** Texts, principals and blobs need no quotes on the command line. */
function parse(type: IDL.Type, text: string): unknown {
  const isText = type instanceof IDL.TextClass || type instanceof IDL.PrincipalClass;
  if (isText || isBlob(type)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`expected JSON for ${type.display()}, got ${text}`);
  }
}

async function running(): Promise<Running> {
  try {
    return JSON.parse(await readFile(RUNNING_FILE, 'utf8')) as Running;
  } catch {
    throw new Error('nothing is running: run `npm start` in another terminal first');
  }
}

/** A call by PocketIC's REST interface, as the anonymous caller: it reads, and may not write. */
async function send(target: Running, isQuery: boolean, argument: Uint8Array): Promise<Uint8Array> {
  const instance = `${target.url}/instances/0`;
  const call = {
    sender: base64(Principal.anonymous().toUint8Array()),
    canister_id: base64(Principal.fromText(target.canisterId).toUint8Array()),
    method,
    payload: base64(argument),
    effective_principal: 'None',
  };
  if (isQuery) return result(await post(`${instance}/read/query`, call));
  const submitted = await post(`${instance}/update/submit_ingress_message`, call);
  if (submitted['Ok'] === undefined) return result(submitted);
  return result(await post(`${instance}/update/await_ingress_message`, submitted['Ok']));
}

async function post(url: string, body: unknown): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
}

function result(answer: Record<string, unknown>): Uint8Array {
  // A copy, because Candid decodes the whole buffer behind a view, and Node's are shared.
  if (typeof answer['Ok'] === 'string') return new Uint8Array(Buffer.from(answer['Ok'], 'base64'));
  throw new Error(`the call was rejected: ${JSON.stringify(answer['Err'] ?? answer)}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

try {
  await main();
} catch (error) {
  console.error(`call: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
