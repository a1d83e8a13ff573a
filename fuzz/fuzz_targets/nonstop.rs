#![no_main]

wharf_fuzz::dialect!(NonStop);
