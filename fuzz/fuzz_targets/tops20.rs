#![no_main]

wharf_fuzz::dialect!(Tops20);
