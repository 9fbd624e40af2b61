; A direct-booting monitor in miniature, for the smoke test of the kernel's third entry: the 64-bit Linux boot protocol. QEMU starts
; this file by PVH and hands it the kernel's ELF as a module. It does what the protocol asks of a loader (Documentation/arch/x86/boot.rst,
; "64-bit boot protocol") and nothing more: segments at their physical addresses, a zero page with memory map and command line, RSI
; pointing to it, 64-bit mode with 4 GiB mapped one to one. The zero page names no ACPI root pointer; there is no stack and no IDT.
;
; nasm -f bin: an ELF file written by hand, loaded at 64 MiB, above anything the kernel's segments take.

ORIGIN          equ 0x4000000
SCRATCH         equ ORIGIN + 0x10000            ; zero page
TABLES          equ ORIGIN + 0x20000            ; 6 page tables
MEMORY_END      equ ORIGIN + 0x40000

        bits 32
        org ORIGIN

elf_header:
        db 0x7F, "ELF", 1, 1, 1, 0
        times 8 db 0
        dw 2, 3                                 ; executable, i386
        dd 1, pvh_entry, program_headers - ORIGIN, 0, 0
        dw 52, 32, 2, 0, 0, 0
program_headers:
        dd 1, 0, ORIGIN, ORIGIN, file_end - ORIGIN, MEMORY_END - ORIGIN, 7, 0x1000
        dd 4, note - ORIGIN, note, note, note_end - note, note_end - note, 4, 4
        align 4
note:   dd 4, 4, 18
        db "Xen", 0
        dd pvh_entry
note_end:

; EBX = hvm_start_info: module list at 16, command line at 24, memory map at 40, entries at 48.
pvh_entry:
        cli
        cld
        mov     ebp, ebx
        mov     edi, SCRATCH
        xor     eax, eax
        mov     ecx, (MEMORY_END - SCRATCH) / 4
        rep stosd
        ; Memory map: entries of 24 bytes become entries of 20.
        mov     esi, [ebp + 40]
        mov     edx, [ebp + 48]
        mov     [SCRATCH + 0x1E8], dl
        mov     edi, SCRATCH + 0x2D0
.range:
        mov     ecx, 5
        rep movsd
        add     esi, 4
        dec     edx
        jnz     .range
        mov     eax, [ebp + 24]
        mov     [SCRATCH + 0x228], eax
        ; Identity map.
        mov     dword [TABLES], TABLES + 0x1000 + 3
        mov     edi, TABLES + 0x1000
        mov     eax, TABLES + 0x2000 + 3
        mov     ecx, 4
.directory:
        mov     [edi], eax
        add     edi, 8
        add     eax, 0x1000
        loop    .directory
        mov     edi, TABLES + 0x2000
        mov     eax, 0x83
        mov     ecx, 2048
.page:
        mov     [edi], eax
        add     edi, 8
        add     eax, 0x200000
        loop    .page
        ; 64-bit mode.
        mov     eax, 1 << 5
        mov     cr4, eax
        mov     eax, TABLES
        mov     cr3, eax
        mov     ecx, 0xC0000080
        mov     eax, 1 << 8
        xor     edx, edx
        wrmsr
        mov     eax, 0x80000001
        mov     cr0, eax
        lgdt    [gdt_pointer]
        jmp     0x10:long_mode

        bits 64
long_mode:
        mov     eax, 0x18
        mov     ds, eax
        mov     es, eax
        mov     ss, eax
        mov     esi, [rbp + 16]                 ; first module
        mov     rbx, [rsi]                      ; the ELF
        mov     rdx, [rbx + 32]
        add     rdx, rbx                        ; its program headers
        movzx   r8d, word [rbx + 56]
.segment:
        cmp     dword [rdx], 1
        jne     .next
        mov     rdi, [rdx + 24]                 ; physical address
        mov     rsi, [rdx + 8]
        add     rsi, rbx
        mov     rcx, [rdx + 32]
        rep movsb
        mov     rcx, [rdx + 40]
        sub     rcx, [rdx + 32]
        xor     eax, eax
        rep stosb
.next:
        add     rdx, 56
        dec     r8d
        jnz     .segment
        mov     rax, [rbx + 24]
        mov     esi, SCRATCH
        xor     esp, esp
        xor     ebx, ebx
        xor     ebp, ebp
        xor     edi, edi
        jmp     rax

        align 8
gdt:    dq 0, 0
        dq 0x00AF9A000000FFFF                   ; 0x10, as the protocol wants it
        dq 0x00CF92000000FFFF                   ; 0x18
gdt_pointer:
        dw gdt_pointer - gdt - 1
        dd gdt
file_end:
