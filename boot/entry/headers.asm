; What boot loaders look for in the ELF file: the PVH note and the Multiboot2 header.
; Both are note sections, which the linker lays at the file's start, ahead of all code.

extern pvh_entry
extern multiboot2_entry

; PVH (Xen's direct boot, QEMU's -kernel): note 18, "Xen", the 32-bit entry. 4-byte alignment: with 8 QEMU reads a wrong address.
section .note.pvh note alloc noexec nowrite align=4
        dd 4                            ; name size
        dd 4                            ; descriptor size
        dd 18                           ; XEN_ELFNOTE_PHYS32_ENTRY
        db "Xen", 0
        dd pvh_entry

; Multiboot2, section 3.1: within the first 32 KiB, 8-byte aligned.
section .note.multiboot2 note alloc noexec nowrite align=8
MULTIBOOT2_MAGIC equ 0xE85250D6
header:
        dd MULTIBOOT2_MAGIC
        dd 0                            ; architecture: i386, 32-bit protected mode
        dd header_end - header
        dd 0x100000000 - (MULTIBOOT2_MAGIC + (header_end - header))
        ; Tag 3, entry address: the ELF's own entry is that of the 64-bit Linux protocol.
        align 8
        dw 3, 0
        dd 12
        dd multiboot2_entry
        ; Tag 5, framebuffer, optional: any size near this one.
        align 8
        dw 5, 1
        dd 20
        dd 1024, 768, 32
        ; End.
        align 8
        dw 0, 0
        dd 8
header_end:
