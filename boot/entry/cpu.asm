; Single instructions for C#: System V convention, leaf functions, no stack use.
; cpu_in*, cpu_out*, the MSR pair, cpu_cpuid, cpu_rdtsc, cpu_index and cpu_hypercall serve managed code too.

%include "layout.inc"

extern trap_fpu_restore_mode
extern entry_gdt_pointer
extern entry_page_tables
extern entry_boot_cpu
extern entry_boot_stack_top
extern trap_vectors
extern trap_syscall
extern trap_resume
extern trap_idle
extern trap_signal_return
extern __ehdr_start
extern _end
extern _start

%macro EXPORT 1
global %1
%1:
%endmacro

section .text
bits 64

EXPORT cpu_in8
        mov     edx, edi
        xor     eax, eax
        in      al, dx
        ret
EXPORT cpu_in16
        mov     edx, edi
        xor     eax, eax
        in      ax, dx
        ret
EXPORT cpu_in32
        mov     edx, edi
        in      eax, dx
        ret
EXPORT cpu_out8
        mov     edx, edi
        mov     eax, esi
        out     dx, al
        ret
EXPORT cpu_out16
        mov     edx, edi
        mov     eax, esi
        out     dx, ax
        ret
EXPORT cpu_out32
        mov     edx, edi
        mov     eax, esi
        out     dx, eax
        ret
; (port, destination, count of 16-bit words)
EXPORT cpu_ins16
        mov     rcx, rdx
        mov     edx, edi
        mov     rdi, rsi
        rep insw
        ret
; (port, source, count of 16-bit words)
EXPORT cpu_outs16
        mov     rcx, rdx
        mov     edx, edi
        rep outsw
        ret

EXPORT cpu_rdmsr
        mov     ecx, edi
        rdmsr
        shl     rdx, 32
        mov     eax, eax
        or      rax, rdx
        ret
EXPORT cpu_wrmsr
        mov     ecx, edi
        mov     eax, esi
        mov     rdx, rsi
        shr     rdx, 32
        wrmsr
        ret
; (register, value*) → 1, or 0 when the register does not exist (trap_inside comes back at cpu_try_msr_recover).
EXPORT cpu_try_rdmsr
        mov     ecx, edi
EXPORT cpu_try_rdmsr_fault
        rdmsr
        shl     rdx, 32
        mov     eax, eax
        or      rax, rdx
        mov     [rsi], rax
        mov     eax, 1
        ret
; (register, value) → 1, or 0 when the register or the value is refused (the same)
EXPORT cpu_try_wrmsr
        mov     ecx, edi
        mov     eax, esi
        mov     rdx, rsi
        shr     rdx, 32
EXPORT cpu_try_wrmsr_fault
        wrmsr
        mov     eax, 1
        ret
EXPORT cpu_try_msr_recover
        xor     eax, eax
        ret

; (leaf, subleaf, uint result[4])
EXPORT cpu_cpuid
        push    rbx
        mov     r8, rdx
        mov     eax, edi
        mov     ecx, esi
        cpuid
        mov     [r8], eax
        mov     [r8 + 4], ebx
        mov     [r8 + 8], ecx
        mov     [r8 + 12], edx
        pop     rbx
        ret
EXPORT cpu_rdtsc
        lfence
        rdtsc
        shl     rdx, 32
        or      rax, rdx
        ret
; (value*) → 1, or 0 when the generator gave nothing in ten tries
EXPORT cpu_rdrand
        mov     ecx, 10
.again:
        rdrand  rax
        jc      .got
        loop    .again
        xor     eax, eax
        ret
.got:
        mov     [rdi], rax
        mov     eax, 1
        ret
; Orders all earlier memory accesses before a later WRMSR, which is not serialising for the x2APIC (Intel SDM 3A, 11.12.3).
EXPORT cpu_fence
        mfence
        lfence
        ret
EXPORT cpu_pause
        pause
        ret
EXPORT cpu_halt_forever
        cli
        hlt
        jmp     cpu_halt_forever
EXPORT cpu_read_cr2
        mov     rax, cr2
        ret
EXPORT cpu_read_cr3
        mov     rax, cr3
        ret
EXPORT cpu_write_cr3
        mov     cr3, rdi
        ret
EXPORT cpu_read_cr4
        mov     rax, cr4
        ret
EXPORT cpu_write_cr4
        mov     cr4, rdi
        ret
EXPORT cpu_invlpg
        invlpg  [rdi]
        ret
EXPORT cpu_xsetbv
        mov     rax, rsi
        mov     rdx, rsi
        shr     rdx, 32
        mov     ecx, edi
        xsetbv
        ret
; (destination, value, length). Eight bytes at a time: an emulator takes as long for one.
EXPORT cpu_fill
        movzx   eax, sil
        mov     rcx, 0x0101010101010101
        imul    rax, rcx
        mov     rcx, rdx
        shr     rcx, 3
        rep stosq
        mov     ecx, edx
        and     ecx, 7
        rep stosb
        ret
; (destination) : one page of zeros
EXPORT cpu_zero_page
        xor     eax, eax
        mov     ecx, 512
        rep stosq
        ret
; (destination, source, length), overlapping allowed
EXPORT cpu_copy
        mov     rcx, rdx
        cmp     rdi, rsi
        ja      .backward
        shr     rcx, 3
        rep movsq
        mov     ecx, edx
        and     ecx, 7
        rep movsb
        ret
.backward:
        lea     rdi, [rdi + rcx - 1]
        lea     rsi, [rsi + rcx - 1]
        std
        rep movsb
        cld
        ret
EXPORT cpu_lidt
        lidt    [rdi]
        ret
EXPORT cpu_lgdt
        lgdt    [rdi]
        ret
EXPORT cpu_ltr
        ltr     di
        ret
EXPORT cpu_triple_fault
        push    0
        push    0
        lidt    [rsp]
        int3
        hlt
        jmp     cpu_triple_fault
; The processor's own CpuArea.
EXPORT cpu_self
        mov     rax, [gs:CPU_SELF]
        ret
; The index of the processor that runs; for managed code, which may have moved on by the time it looks at the answer.
EXPORT cpu_index
        mov     eax, [gs:CPU_INDEX]
        ret
; (page, control word, input, output) → result word. A hypercall (TLFS 3.7: RCX, RDX, R8 in, RAX out) through the page that the
; hypervisor has filled. What the call may change is the caller's to save in the System V convention as well.
EXPORT cpu_hypercall
        mov     rax, rdi
        mov     r8, rcx
        mov     rcx, rsi
        jmp     rax
; Saves the full FPU state into the area at RDI, whose XMM part was saved on entry and has been overwritten by kernel code since.
EXPORT cpu_fpu_save
%assign i 0
%rep 16
        movaps  xmm %+ i, [rdi + FPU_XMM + i * 16]
%assign i i + 1
%endrep
        cmp     byte [rel trap_fpu_restore_mode], 0
        je      .fxsave
        mov     eax, -1
        mov     edx, -1
        xsave64 [rdi]
        ret
.fxsave:
        fxsave64 [rdi]
        ret
EXPORT cpu_enable_xsave
        mov     byte [rel trap_fpu_restore_mode], 1
        ret
; (thread): leaves the kernel for a thread for the first time on this processor. Does not return.
EXPORT cpu_resume
        mov     rax, rdi
        mov     qword [gs:CPU_CURRENT], 0
        jmp     trap_resume

; Addresses for C#, which has no word for a linker symbol.
%macro ADDRESS 2
EXPORT %1
        mov     rax, %2
        ret
%endmacro
ADDRESS link_image_start, __ehdr_start
ADDRESS link_image_end, _end
ADDRESS link_runtime_start, _start
ADDRESS link_trap_vectors, trap_vectors
ADDRESS link_trap_syscall, trap_syscall
ADDRESS link_trap_idle, trap_idle
ADDRESS link_trap_signal_return, trap_signal_return
ADDRESS link_boot_stack_top, entry_boot_stack_top

; guestos_call(number, a0, a1, a2, a3, a4): a system call of the kernel's own (Kernel/Core/Abi/KernelCall.cs) from managed code.
EXPORT guestos_call
        mov     rax, rdi
        mov     rdi, rsi
        mov     rsi, rdx
        mov     rdx, rcx
        mov     r10, r8
        mov     r8, r9
        mov     r9, [rsp + 8]
        syscall
        ret
