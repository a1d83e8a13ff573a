#![no_main]

wharf_fuzz::dialect!(Gcos7);
