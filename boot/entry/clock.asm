; The clock's fast path: time-stamp counter to nanoseconds without a lock, for the kernel (cpu_clock_now), for managed code that belongs
; to it (cpu_clock_read), and for everybody else by the C library's own means: it finds __vdso_clock_gettime in an ELF image in memory,
; named by the auxiliary vector (AT_SYSINFO_EHDR).
; Whatever is not plain goes to Kernel/Core/Time/Clock.cs. Not C#, since in a thread the garbage collector may look at any time
; where the processor is.

%include "layout.inc"

extern kernel_clock_slow

global cpu_clock_now
global cpu_clock_read
global link_clock_data
global link_vdso

; ClockData (Kernel/Core/Time/ClockData.cs)
CLOCK_VERSION           equ 0
CLOCK_EXPECTED          equ 4
CLOCK_SEQUENCE          equ 8
CLOCK_TSC_BASE          equ 16
CLOCK_MULTIPLIER        equ 24
CLOCK_BASE              equ 32
CLOCK_LEAP_LIMIT        equ 40
CLOCK_WALL              equ 48
CLOCK_SHIFT             equ 56
CLOCK_SIZE              equ 64

SYSCALL_CLOCK_GETTIME   equ 228
CLOCKS_READ             equ 0xF3        ; real time, monotonic, their raw and coarse forms, boot time
CLOCKS_REAL             equ 0x21        ; real time, coarse too

section .text
bits 64

; RAX = nanoseconds since kernel entry, R8 = clock_data. %1 = offset of the reader's own last time in CpuArea, %2 = of the other one's,
; %3 = where to go when it is not plain. Changes RCX, RDX, RSI, R9, R10.
%macro READ_CLOCK 3
        lea     r8, [rel clock_data]
        mov     r9d, [r8 + CLOCK_VERSION]
        ; An odd one is not equal to this in the end.
        and     r9d, ~1
        mov     rsi, [r8 + CLOCK_SEQUENCE]
        mov     r10d, [r8 + CLOCK_EXPECTED]
        cmp     r10d, [rsi]
        jne     %3
        lfence
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        sub     rax, [r8 + CLOCK_TSC_BASE]
        jb      %3
        mul     qword [r8 + CLOCK_MULTIPLIER]
        mov     ecx, [r8 + CLOCK_SHIFT]
        shrd    rax, rdx, cl
        add     rax, [r8 + CLOCK_BASE]
        ; Neither the page nor the data may have changed meanwhile. The addresses depend on what the counter gave, so that the
        ; processor cannot look before it has read it.
        mov     edx, eax
        and     edx, 0
        cmp     r10d, [rsi + rdx]
        jne     %3
        cmp     r9d, [r8 + rdx + CLOCK_VERSION]
        jne     %3
        ; A step back of this processor is beyond the limit, too.
        mov     rdx, rax
        sub     rdx, [gs:%1]
        cmp     rdx, [r8 + CLOCK_LEAP_LIMIT]
        jbe     %%plain
        mov     rdx, rax
        sub     rdx, [gs:%2]
        cmp     rdx, [r8 + CLOCK_LEAP_LIMIT]
        ja      %3
%%plain:
        mov     [gs:%1], rax
%endmacro

; () → nanoseconds since kernel entry. Interrupts are off, or the caller is the only one that runs.
cpu_clock_now:
        READ_CLOCK CPU_CLOCK_KERNEL, CPU_CLOCK_USER, kernel_clock_slow
        ret

; () → nanoseconds since kernel entry, in a thread; as below.
cpu_clock_read:
        READ_CLOCK CPU_CLOCK_USER, CPU_CLOCK_KERNEL, .slow
        ret
.slow:
        sub     rsp, 24
        mov     edi, 1
        mov     rsi, rsp
        mov     eax, SYSCALL_CLOCK_GETTIME
        syscall
        imul    rax, [rsp], 1000000000
        add     rax, [rsp + 8]
        add     rsp, 24
        ret

; (clock, timespec*) → 0 or a negative error: clock_gettime in a thread. It may be interrupted and moved to another processor
; anywhere; then the last time that it notes for that processor is too small, which that processor's entry into the kernel makes good.
vdso_clock_gettime:
        mov     r11, rsi
        cmp     edi, 7
        ja      .slow
        mov     ecx, CLOCKS_READ
        bt      ecx, edi
        jnc     .slow
        READ_CLOCK CPU_CLOCK_USER, CPU_CLOCK_KERNEL, .slow
        mov     ecx, CLOCKS_REAL
        bt      ecx, edi
        jnc     .split
        add     rax, [r8 + CLOCK_WALL]
.split:
        ; Division by 10^9 = 2^9 * 1953125: shift, then multiply by 2^75 / 1953125 rounded up.
        mov     rcx, rax
        shr     rax, 9
        mov     rdx, 0x44B82FA09B5A53
        mul     rdx
        shr     rdx, 11
        mov     [r11], rdx
        imul    rdx, rdx, 1000000000
        sub     rcx, rdx
        mov     [r11 + 8], rcx
        xor     eax, eax
        ret
.slow:
        mov     rsi, r11
        mov     eax, SYSCALL_CLOCK_GETTIME
        syscall
        ret
vdso_clock_gettime_end:

link_clock_data:
        lea     rax, [rel clock_data]
        ret
link_vdso:
        mov     rax, vdso_image
        ret

; What the C library needs to find the function by its name: one loaded segment, a dynamic section, one symbol. Addresses are
; absolute, so its base is 0.
section .rodata
align 4096
vdso_image:
        db 0x7F, "ELF", 2, 1, 1, 0      ; 64 bits, little-endian
        dq 0
        dw 3, 62                        ; shared object, x86-64
        dd 1
        dq 0, vdso_program_headers - vdso_image, 0
        dd 0
        dw 64, 56, 2, 64, 0, 0
vdso_program_headers:
        dd 1, 5                         ; PT_LOAD, readable and executable
        dq 0, vdso_image, vdso_image, vdso_image_end - vdso_image, vdso_image_end - vdso_image, 4096
        dd 2, 4                         ; PT_DYNAMIC, readable
        dq vdso_dynamic - vdso_image, vdso_dynamic, vdso_dynamic, vdso_dynamic_end - vdso_dynamic, vdso_dynamic_end - vdso_dynamic, 8
align 8
vdso_dynamic:
        dq 4, vdso_hash                 ; DT_HASH
        dq 5, vdso_strings              ; DT_STRTAB
        dq 6, vdso_symbols              ; DT_SYMTAB
        dq 10, vdso_strings_end - vdso_strings
        dq 11, 24                       ; DT_SYMENT
        dq 14, vdso_name - vdso_strings ; DT_SONAME
        dq 0, 0
vdso_dynamic_end:
vdso_hash:
        dd 1, 2, 1, 0, 0                ; one bucket that holds symbol 1, two symbols
align 8
vdso_symbols:
        times 24 db 0
        dd vdso_function - vdso_strings
        db 0x12, 0                      ; global function
        dw 1
        dq vdso_clock_gettime, vdso_clock_gettime_end - vdso_clock_gettime
vdso_strings:
        db 0
vdso_function:
        db "__vdso_clock_gettime", 0
vdso_name:
        db "linux-vdso.so.1", 0
vdso_strings_end:
vdso_image_end:

section .data
align 64
; Not to be used until the clock runs: the version is odd.
clock_data:
        dd 1, 0
        dq clock_data + CLOCK_EXPECTED
        times CLOCK_SIZE - 16 db 0
