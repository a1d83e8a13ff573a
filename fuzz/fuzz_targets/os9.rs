#![no_main]

wharf_fuzz::dialect!(Os9);
