#![no_main]

wharf_fuzz::fuzz_target!(|wire: &[u8]| wharf_fuzz::mlst(wire));
