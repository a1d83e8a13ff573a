#![no_main]

wharf_fuzz::fuzz_target!(|listing: &[u8]| wharf_fuzz::splits(listing));
