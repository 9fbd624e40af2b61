; Start of the other processors. The code between trampoline_start and trampoline_end is copied to a page below 1 MiB, which the
; start-up IPI names; the words at its end are filled in by Kernel/Core/Threads/Smp.cs.

%include "layout.inc"

extern kernel_processor_entry

global link_trampoline_start
global link_trampoline_size
global link_trampoline_data

section .text
bits 16
align 16
trampoline_start:
        cli
        cld
        mov     ax, cs
        mov     ds, ax
        movzx   ebx, ax
        shl     ebx, 4                  ; linear address of this page
        o32 lgdt [trampoline_gdt_pointer - trampoline_start]
        mov     eax, cr4
        or      eax, (1 << 5) | (1 << 9) | (1 << 10)    ; PAE OSFXSR OSXMMEXCPT
        mov     cr4, eax
        mov     eax, [trampoline_cr3 - trampoline_start]
        mov     cr3, eax
        mov     ecx, 0xC0000080
        rdmsr
        or      eax, (1 << 8) | (1 << 11) | 1           ; LME NXE SCE
        wrmsr
        mov     eax, cr0
        and     eax, ~((1 << 2) | (1 << 3) | (1 << 29) | (1 << 30))
        or      eax, (1 << 31) | (1 << 16) | (1 << 5) | (1 << 1) | 1
        mov     cr0, eax
        jmp     dword SELECTOR_CODE:processor_long_mode

align 8
trampoline_gdt:
        dq 0
        dq 0x00AF9A000000FFFF
        dq 0x00CF92000000FFFF
trampoline_gdt_pointer:
        dw trampoline_gdt_pointer - trampoline_gdt - 1
trampoline_gdt_base:
        dd 0
align 8
trampoline_data:
trampoline_cr3:         dq 0            ; +0
trampoline_cpu:         dq 0            ; +8: CpuArea
trampoline_stack:       dq 0            ; +16
trampoline_end:

bits 64
processor_long_mode:
        mov     eax, SELECTOR_DATA
        mov     ss, eax
        mov     ds, eax
        mov     es, eax
        mov     ebx, ebx
        mov     rdi, [rbx + trampoline_cpu - trampoline_start]
        mov     rsp, [rbx + trampoline_stack - trampoline_start]
        mov     rax, rdi
        mov     rdx, rdi
        shr     rdx, 32
        mov     ecx, 0xC0000101         ; GS base
        wrmsr
        fninit
        xor     ebp, ebp
        call    kernel_processor_entry
.halt:
        cli
        hlt
        jmp     .halt

link_trampoline_start:
        mov     rax, trampoline_start
        ret
link_trampoline_size:
        mov     eax, trampoline_end - trampoline_start
        ret
; Offset of the words to fill in: GDT base (32 bits) is at this - 4 rounded down, see Smp.cs.
link_trampoline_data:
        mov     eax, trampoline_data - trampoline_start
        ret
global link_trampoline_gdt_base
link_trampoline_gdt_base:
        mov     eax, trampoline_gdt_base - trampoline_start
        ret
global link_trampoline_gdt
link_trampoline_gdt:
        mov     eax, trampoline_gdt - trampoline_start
        ret
