; Interrupts, faults and system calls. Everything runs in ring 0, and code built by others keeps data below its stack pointer
; (the red zone), so nothing is ever pushed on the stack that was interrupted: interrupts and faults arrive on stacks of their
; own (IST), and all registers go straight into the current thread's structure. kernel_trap (Kernel/Core/Traps) then runs on
; the processor's kernel stack and returns the thread to resume.

%include "layout.inc"

extern kernel_trap
extern kernel_fault_inside
extern cpu_try_rdmsr_fault
extern cpu_try_wrmsr_fault
extern cpu_try_msr_recover

global trap_vectors
global trap_syscall
global trap_resume
global trap_idle
global trap_set_idle_register
global trap_signal_return
global trap_fpu_restore_mode

section .text
bits 64

%macro SAVE_XMM 1                       ; register that points to the FPU area
%assign i 0
%rep 16
        movaps  [%1 + FPU_XMM + i * 16], xmm %+ i
%assign i i + 1
%endrep
%endmacro

%macro LOAD_XMM 1
%assign i 0
%rep 16
        movaps  xmm %+ i, [%1 + FPU_XMM + i * 16]
%assign i i + 1
%endrep
%endmacro

; All general registers from RBX on, in the order of TrapFrame; RAX, RCX and RDX are there already.
%macro PUSH_REGISTERS 0
        push    rbx
        push    rbp
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        push    r12
        push    r13
        push    r14
        push    r15
%endmacro

; Stack on arrival: vector, error code, RIP, CS, RFLAGS, RSP, SS.
trap_common:
        push    rax
        push    rcx
        cmp     byte [gs:CPU_IN_KERNEL], 0
        jne     trap_inside
        mov     rax, [gs:CPU_CURRENT]
        mov     [rax + FRAME_R15], r15
        mov     [rax + FRAME_R14], r14
        mov     [rax + FRAME_R13], r13
        mov     [rax + FRAME_R12], r12
        mov     [rax + FRAME_R11], r11
        mov     [rax + FRAME_R10], r10
        mov     [rax + FRAME_R9], r9
        mov     [rax + FRAME_R8], r8
        mov     [rax + FRAME_RDI], rdi
        mov     [rax + FRAME_RSI], rsi
        mov     [rax + FRAME_RBP], rbp
        mov     [rax + FRAME_RBX], rbx
        mov     [rax + FRAME_RDX], rdx
        pop     qword [rax + FRAME_RCX]
        pop     qword [rax + FRAME_RAX]
        pop     qword [rax + FRAME_VECTOR]
        pop     qword [rax + FRAME_ERROR]
        pop     qword [rax + FRAME_RIP]
        pop     qword [rax + FRAME_CS]
        pop     qword [rax + FRAME_RFLAGS]
        pop     qword [rax + FRAME_RSP]
        pop     qword [rax + FRAME_SS]
        mov     rdi, rax
trap_enter:
        mov     byte [gs:CPU_IN_KERNEL], 1
        mov     rsp, [gs:CPU_STACK]
        mov     rdx, [rdi + THREAD_FPU]
        SAVE_XMM rdx
        cld
        xor     ebp, ebp
        call    kernel_trap
        ; RAX = the thread to resume. Its full FPU state is loaded when it is not the one that came in.
trap_resume:
        mov     rdx, [rax + THREAD_FPU]
        cmp     rax, [gs:CPU_CURRENT]
        jne     .switch
        cmp     byte [gs:CPU_FPU_RELOAD], 0
        jne     .reload
        LOAD_XMM rdx
.registers:
        mov     byte [gs:CPU_IN_KERNEL], 0
        mov     rsp, rax
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rbp
        pop     rbx
        pop     rdx
        pop     rcx
        pop     rax
        add     rsp, 16
        iretq
.switch:
        mov     [gs:CPU_CURRENT], rax
        mov     rbx, rax
        mov     rsi, rdx
        mov     rax, [rbx + THREAD_FS_BASE]
        mov     rdx, rax
        shr     rdx, 32
        mov     ecx, 0xC0000100         ; FS base
        wrmsr
        mov     rax, rbx
        mov     rdx, rsi
.reload:
        mov     byte [gs:CPU_FPU_RELOAD], 0
        mov     rcx, rax
        mov     rsi, rdx
        cmp     byte [rel trap_fpu_restore_mode], 0
        je      .fxrstor
        mov     eax, -1
        mov     edx, -1
        xrstor64 [rsi]
        mov     rax, rcx
        jmp     .registers
.fxrstor:
        fxrstor64 [rsi]
        mov     rax, rcx
        jmp     .registers

; NMI, double fault, machine check: they come at any instruction, even between the first instructions above.
trap_special:
        push    rax
        push    rcx
        jmp     trap_inside.panic

; A fault while the kernel itself runs. RDMSR or WRMSR of a register that may not exist is expected and skipped; anything else is a
; panic.
trap_inside:
        mov     rcx, [rsp + 4 * 8]      ; RIP
        mov     rax, cpu_try_rdmsr_fault
        cmp     rcx, rax
        je      .recover
        mov     rax, cpu_try_wrmsr_fault
        cmp     rcx, rax
        jne     .panic
.recover:
        mov     rax, cpu_try_msr_recover
        mov     [rsp + 4 * 8], rax
        pop     rcx
        pop     rax
        add     rsp, 16
        iretq
.panic:
        ; Complete the frame below what is there already, in the order of TrapFrame. RCX is no longer the interrupted one's, but its
        ; value was pushed.
        push    rdx
        PUSH_REGISTERS
        mov     rdi, rsp
        and     rsp, -16
        cld
        call    kernel_fault_inside
.halt:
        cli
        hlt
        jmp     .halt

; SYSCALL: RCX = return address, R11 = flags; interrupts are off by SFMASK; the stack is still the caller's.
trap_syscall:
        mov     [gs:CPU_SCRATCH], rsp
        mov     rsp, [gs:CPU_CURRENT]
        add     rsp, FRAME_SIZE
        push    SELECTOR_DATA
        push    qword [gs:CPU_SCRATCH]
        push    r11
        push    SELECTOR_CODE
        push    rcx
        push    0
        push    VECTOR_SYSCALL
        push    rax
        push    rcx
        push    rdx
        PUSH_REGISTERS
        mov     rdi, rsp
        jmp     trap_enter

; What an idle processor runs: its own thread, whose frame the next interrupt saves like any other.
trap_idle:
        mov     ecx, [rel trap_idle_register]
        test    ecx, ecx
        jnz     .register
        sti
        hlt
        jmp     trap_idle
.register:
        ; The read ends when an interrupt is pending, allowed or not. They are not allowed before it, so that one which comes just then
        ; ends it as well; and are after it, so that it is taken.
        cli
        rdmsr
        sti
        nop
        jmp     trap_idle

; (register): makes trap_idle read it instead of halting.
trap_set_idle_register:
        mov     [rel trap_idle_register], edi
        ret

; Return address of a signal handler that brought no restorer of its own.
trap_signal_return:
        mov     eax, 15                 ; rt_sigreturn
        syscall

; One stub a vector. The processor pushes an error code for 8, 10 to 14, 17, 21, 29 and 30.
%assign v 0
%rep 256
vector_ %+ v:
%if v == 8 || (v >= 10 && v <= 14) || v == 17 || v == 21 || v == 29 || v == 30
%else
        push    0
%endif
        push    v
%if v == 2 || v == 8 || v == 18
        jmp     trap_special
%else
        jmp     trap_common
%endif
%assign v v + 1
%endrep

section .data
align 8
trap_vectors:
%assign v 0
%rep 256
        dq vector_ %+ v
%assign v v + 1
%endrep

trap_idle_register:     dd 0            ; 0: HLT
trap_fpu_restore_mode:  db 0            ; 1 when XSAVE is on
