; The three ways into the kernel. All end in kernel_entry (Kernel/Core/Boot/KernelEntry.cs) in 64-bit mode on the kernel's own
; stack, with 4 GiB mapped one to one, interrupts off, SSE on and GS at the boot processor's area.

%include "layout.inc"

extern kernel_entry

global pvh_entry
global multiboot2_entry
global linux64_entry
global entry_gdt_pointer
global entry_page_tables
global entry_boot_cpu
global entry_boot_stack_top

BOOT_MULTIBOOT2 equ 1
BOOT_PVH        equ 2
BOOT_LINUX64    equ 3

MSR_EFER        equ 0xC0000080
MSR_GS_BASE     equ 0xC0000101
COM1            equ 0x3F8

section .text

bits 32
; Multiboot2: EAX = magic, EBX = information. 32-bit protected mode, paging off.
multiboot2_entry:
        cli
        cld
        mov     edi, BOOT_MULTIBOOT2
        mov     esi, ebx
        cmp     eax, 0x36D76289
        je      enter_long_mode
        mov     esi, text_bad_loader
        jmp     stop32

; PVH: EBX = hvm_start_info. 32-bit protected mode, paging off.
pvh_entry:
        cli
        cld
        mov     edi, BOOT_PVH
        mov     esi, ebx

enter_long_mode:
        mov     esp, entry_boot_stack_top
        ; 64-bit mode is extended feature 29 of EDX, no-execute is 20.
        mov     ebp, esi
        mov     eax, 0x80000000
        cpuid
        cmp     eax, 0x80000001
        jb      no_long_mode
        mov     eax, 0x80000001
        cpuid
        bt      edx, 29
        jnc     no_long_mode
        bt      edx, 20
        jnc     no_long_mode
        mov     esi, ebp
        mov     eax, cr4
        or      eax, (1 << 5)           ; PAE
        mov     cr4, eax
        mov     eax, entry_page_tables
        mov     cr3, eax
        mov     ecx, MSR_EFER
        rdmsr
        or      eax, (1 << 8) | (1 << 11) | 1   ; LME, NXE, SCE
        wrmsr
        mov     eax, cr0
        or      eax, (1 << 31) | 1      ; PG, PE
        mov     cr0, eax
        lgdt    [entry_gdt_pointer]
        jmp     SELECTOR_CODE:long_mode

no_long_mode:
        mov     esi, text_no_long_mode
stop32:
        ; Polled output; the loader may not have set the line up, so its speed is left as it is.
        mov     dx, COM1 + 5
        in      al, dx
        cmp     al, 0xFF
        je      .halt
.next:
        lodsb
        test    al, al
        jz      .halt
        mov     ah, al
        mov     ecx, 100000
.wait:
        mov     dx, COM1 + 5
        in      al, dx
        test    al, 0x20
        jnz     .send
        loop    .wait
.send:
        mov     al, ah
        mov     dx, COM1
        out     dx, al
        jmp     .next
.halt:
        hlt
        jmp     .halt

bits 64
; 64-bit Linux boot protocol: RSI = boot_params, identity map of the low 4 GiB, no stack, no usable GDT promised.
linux64_entry:
        cli
        cld
        mov     edi, BOOT_LINUX64
        mov     rsp, entry_boot_stack_top
        mov     ecx, MSR_EFER
        rdmsr
        or      eax, (1 << 11) | 1      ; NXE, SCE
        wrmsr
        mov     rax, entry_page_tables
        mov     cr3, rax
        lgdt    [entry_gdt_pointer]
        push    SELECTOR_CODE
        push    long_mode
        retfq

long_mode:
        mov     eax, SELECTOR_DATA
        mov     ss, eax
        mov     ds, eax
        mov     es, eax
        xor     eax, eax
        mov     fs, eax
        mov     gs, eax
        mov     rsp, entry_boot_stack_top
        ; CR0: PE MP NE WP PG. CR4: PAE OSFXSR OSXMMEXCPT.
        mov     rax, cr0
        and     rax, ~((1 << 2) | (1 << 3) | (1 << 29) | (1 << 30))
        or      rax, (1 << 1) | (1 << 5) | (1 << 16)
        mov     cr0, rax
        mov     rax, cr4
        or      rax, (1 << 9) | (1 << 10)
        mov     cr4, rax
        fninit
        mov     rax, entry_boot_cpu
        mov     [rax + CPU_SELF], rax
        mov     byte [rax + CPU_IN_KERNEL], 1
        mov     rdx, rax
        shr     rdx, 32
        mov     ecx, MSR_GS_BASE
        wrmsr
        xor     ebp, ebp
        mov     edi, edi
        call    kernel_entry
.halt:
        cli
        hlt
        jmp     .halt

section .rodata
text_bad_loader:        db "GuestOS: this loader does not speak Multiboot2.", 13, 10, 0
text_no_long_mode:      db "GuestOS needs a 64-bit x86 processor with the no-execute bit.", 13, 10, 0

section .data
align 8
entry_gdt:
        dq 0
        dq 0x00AF9A000000FFFF           ; SELECTOR_CODE: 64-bit, ring 0
        dq 0x00CF92000000FFFF           ; SELECTOR_DATA
entry_gdt_end:
entry_gdt_pointer:
        dw entry_gdt_end - entry_gdt - 1
        dq entry_gdt

; Identity map of 4 GiB with 2 MiB pages: enough until the kernel has read the memory map and built its own tables.
align 4096
entry_page_tables:
        dq page_directory_pointers + 3
        times 511 dq 0
page_directory_pointers:
%assign i 0
%rep 4
        dq page_directories + i * 4096 + 3
%assign i i + 1
%endrep
        times 508 dq 0
page_directories:
%assign i 0
%rep 2048
        dq i * 0x200000 + 0x83
%assign i i + 1
%endrep

section .bss nobits alloc noexec write align=4096
entry_boot_cpu:
        resb 4096
        resb 32768
entry_boot_stack_top:
