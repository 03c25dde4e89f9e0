/**
 * The guard of page 0. Azle's Rust runtime has a memory manager of its own over the same header in
 * page 0 of stable memory, and both sides keep a copy of it on the heap. Once JavaScript's manager
 * has attached, the Rust one must neither write that header nor grow the memory: it would hand out
 * pages that are already given away. A trap undoes the whole message, so nothing is lost.
 *
 * The Rust manager also starts afresh over a memory that it does not know, and does so before any
 * JavaScript runs. So its first write of all is looked at, too: a memory that is not empty must
 * be a memory manager's.
 */
import * as ic0 from './ic0';

const WASM_PAGE_SIZE: u64 = 65_536;

/** The first three bytes of a memory manager's memory, "MGR", and where they are in a word. */
const MAGIC: u32 = 0x52_47_4d;
const MAGIC_MASK: u32 = 0xff_ff_ff;

/** An address in the heap of the Azle module, for a word that is put back and a last text. */
const TEXT: usize = 1024;

/** The trap's message in JavaScript's memory, which keeps it alive; 0 while nothing is guarded. */
let message: usize = 0;
let messageLength: usize = 0;

/** Whether stable memory was seen to be empty or a memory manager's. */
let isKnown: bool = false;

/** From now on only JavaScript changes page 0 and the size of stable memory. */
export function attach(source: usize, length: usize): void {
  message = source;
  messageLength = length;
}

/** Azle's own writes: all of them until the guard is attached, then those beyond page 0. */
export function guardedWrite(offset: u64, source: u64, length: u64): void {
  if (length != 0 && offset < WASM_PAGE_SIZE) {
    if (message != 0) refuse();
    assertKnown();
  }
  ic0.stable64_write(offset, source, length);
}

/** Azle's own growing: only until the guard is attached. */
export function guardedGrow(pages: u64): i64 {
  if (pages != 0) {
    if (message != 0) refuse();
    assertKnown();
  }
  return ic0.stable64_grow(pages);
}

function assertKnown(): void {
  if (isKnown) return;
  if (ic0.stable64_size() != 0 && firstBytes() != MAGIC) refuseForeign();
  isKnown = true;
}

function firstBytes(): u32 {
  const saved = load<u32>(TEXT);
  ic0.stable64_read(TEXT, 0, 4);
  const found = load<u32>(TEXT) & MAGIC_MASK;
  store<u32>(TEXT, saved);
  return found;
}

function refuse(): void {
  ic0.trap(message, messageLength);
  unreachable();
}

/**
 * Traps with a message that says so. The kernel has no data of its own, so the text is made here,
 * eight letters at a time, over whatever is at that address: the trap undoes it.
 */
function refuseForeign(): void {
  store<u64>(TEXT, 0x4947_414d_5f44_4142); // BAD_MAGI
  store<u64>(TEXT, 0x6c62_6174_7320_3a43, 8); // C: stabl
  store<u64>(TEXT, 0x7972_6f6d_656d_2065, 16); // e memory
  store<u64>(TEXT, 0x2073_7472_6174_7320, 24); //  starts
  store<u64>(TEXT, 0x6874_6f20_6874_6977, 32); // with oth
  store<u64>(TEXT, 0x7365_7479_6220_7265, 40); // er bytes
  store<u64>(TEXT, 0x4d22_206e_6168_7420, 48); //  than "M
  store<u64>(TEXT, 0x206f_7320_2c22_5247, 56); // GR", so
  store<u64>(TEXT, 0x6e6f_6c65_6220_7469, 64); // it belon
  store<u64>(TEXT, 0x6e61_206f_7420_7367, 72); // gs to an
  store<u64>(TEXT, 0x7270_2072_6568_746f, 80); // other pr
  store<u64>(TEXT, 0x4e20_2e6d_6172_676f, 88); // ogram. N
  store<u64>(TEXT, 0x7720_676e_6968_746f, 96); // othing w
  store<u64>(TEXT, 0x7474_6972_7720_7361, 104); // as writt
  store<u64>(TEXT, 0x7473_6e69_203b_6e65, 112); // en; inst
  store<u64>(TEXT, 0x6f74_6e69_206c_6c61, 120); // all into
  store<u64>(TEXT, 0x6320_7765_6e20_6120, 128); //  a new c
  store<u64>(TEXT, 0x2e72_6574_7369_6e61, 136); // anister.
  ic0.trap(TEXT, 144);
  unreachable();
}
