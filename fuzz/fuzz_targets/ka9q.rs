#![no_main]

wharf_fuzz::dialect!(Ka9q);
