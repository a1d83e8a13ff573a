#![no_main]

wharf_fuzz::dialect!(Mpe);
