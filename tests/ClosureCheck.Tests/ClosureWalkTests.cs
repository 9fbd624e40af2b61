namespace GuestOS.Kernel.ClosureCheck.Tests;

public sealed class ClosureWalkTests
{
    private const string Throw = "S_P_CoreLib_Internal_Runtime_CompilerHelpers_ThrowHelpers__ThrowIndexOutOfRangeException";
    private readonly KernelObject _object = new();
    private readonly int _entry;

    public ClosureWalkTests() => _entry = _object.Kernel("Entry__Start", "kernel_entry");

    [Fact]
    public void A_kernel_that_stays_within_itself_passes()
    {
        int helper = _object.Kernel("Paging__Map");
        int handler = _object.Kernel("Traps__Handle");
        int unreached = _object.Kernel("Managed__NotCalled");
        _object.Call(unreached, _object.Method(Throw));
        int bss = _object.Elf.Zeroed(".bss", 32);
        _object.Call(_entry, helper);
        _object.Branch(_entry, helper);
        _object.Jump(helper, _entry);
        _object.TakeAddress(helper, handler);
        _object.CallSymbol(helper, _object.Elf.Undefined("cpu_in8"));
        _object.TakeSymbol(helper, _object.Elf.Object("__NONGCSTATICS" + KernelObject.Prefix + "Paging", bss, 0));
        _object.TakeSymbol(handler, _object.TableOf("__readonlydata_" + KernelObject.Prefix + "Traps__Handle", helper));

        ClosureWalk walk = _object.Walk("cpu_in8");
        Assert.Empty(walk.Violations);
        Assert.Equal((1, 3), (walk.RootCount, walk.MethodCount));
    }

    [Fact]
    public void Indexing_a_span_is_caught_through_a_call_without_relocation()
    {
        int copy = _object.Kernel("Strings__Copy");
        _object.Call(_entry, copy);
        _object.Branch(copy, _object.Method(Throw));
        Expect($"kernel_entry -> Strings.Copy -> {Throw} (at +0x0): a method outside the kernel's assembly");
    }

    [Fact]
    public void An_allocation_is_caught_by_its_helper_and_by_the_type()
    {
        int type = _object.Elf.Object("_ZTV6Object", _object.Elf.Zeroed(".hydrated", 16), 0);
        _object.TakeSymbol(_entry, type);
        _object.CallSymbol(_entry, _object.Elf.Undefined("RhpNewFast"));
        Expect(
            "kernel_entry -> _ZTV6Object (at +0x3): data of the runtime in .hydrated",
            "kernel_entry -> RhpNewFast (at +0x8): neither the kernel's nor an assembly stub");
    }

    [Fact]
    public void Statics_with_an_initialiser_are_caught()
    {
        int statics = _object.Elf.Object("__NONGCSTATICS" + KernelObject.Prefix + "Table", _object.Elf.Zeroed(".hydrated", 16), 0);
        _object.TakeSymbol(_entry, statics);
        Expect("kernel_entry -> statics of Table (at +0x3): statics with an initialiser, in .hydrated: they are not there before the runtime starts");
    }

    [Fact]
    public void Statics_of_others_are_caught()
    {
        int statics = _object.Elf.Object("__NONGCSTATICSS_P_CoreLib_System_Environment", _object.Elf.Zeroed(".bss", 16), 0);
        _object.TakeSymbol(_entry, statics);
        Expect("kernel_entry -> __NONGCSTATICSS_P_CoreLib_System_Environment (at +0x3): data of the runtime in .bss");
    }

    [Fact]
    public void What_a_method_whose_address_is_taken_reaches_is_caught()
    {
        int handler = _object.Kernel("Traps__Handle");
        _object.TakeAddress(_entry, handler);
        _object.Jump(handler, _object.Method("System_Console__WriteLine"));
        Expect("kernel_entry -> Traps.Handle -> System_Console__WriteLine (at +0x0): a method outside the kernel's assembly");
    }

    [Fact]
    public void What_a_table_in_read_only_data_leads_to_is_caught()
    {
        int foreign = _object.Method("S_P_CoreLib_System_String__Concat");
        _object.TakeSymbol(_entry, _object.TableOf("table", foreign));
        Expect("kernel_entry -> table -> S_P_CoreLib_System_String__Concat (at +0x0): a method outside the kernel's assembly");
    }

    [Fact]
    public void A_relocation_by_section_counts_from_the_end_of_its_instruction()
    {
        int section = _object.Elf.Zeroed(".bss", 32);
        int symbol = _object.Elf.SectionSymbol(section);
        _object.Elf.Object("__NONGCSTATICSS_P_CoreLib_Other", section, 0);
        _object.Elf.Object("__NONGCSTATICS" + KernelObject.Prefix + "Mine", section, 16);
        _object.CompareSymbol(_entry, symbol, 16 - 5);
        Assert.Empty(_object.Walk().Violations);
        _object.TakeSymbol(_entry, symbol, 15 - 4);
        Expect("kernel_entry -> __NONGCSTATICSS_P_CoreLib_Other (at +0xa): data of the runtime in .bss");
    }

    [Fact]
    public void Thread_local_storage_is_caught()
    {
        _object.Raw(_entry, 0x64, 0x48, 0x8B, 0x04, 0x25, 0, 0, 0, 0);
        Expect("kernel_entry -> (thread-local storage) (at +0x0): neither the kernel's nor an assembly stub");
    }

    [Fact]
    public void Code_that_cannot_be_read_is_not_taken_for_harmless()
    {
        _object.Raw(_entry, 0x06);
        _object.CallSymbol(_entry, _object.Elf.Undefined("RhpGcPoll"));
        Expect(
            "kernel_entry -> (undecodable instruction) (at +0x0): neither the kernel's nor an assembly stub",
            "kernel_entry -> RhpGcPoll (at +0x2): neither the kernel's nor an assembly stub");
    }

    [Fact]
    public void A_jump_into_the_gap_between_methods_is_caught()
    {
        int gap = _object.Kernel("Gap__Method");
        _object.Call(_entry, gap + 5);
        Expect("kernel_entry -> __managedcode+0x180 (at +0x0): neither the kernel's nor an assembly stub");
    }

    [Fact]
    public void The_shortest_chain_is_shown_and_each_place_once()
    {
        int far = _object.Kernel("Far__Away");
        int near = _object.Kernel("Near__By");
        int foreign = _object.Method("Foreign");
        _object.Call(_entry, far);
        _object.Call(far, near);
        _object.Call(_entry, near);
        _object.Call(near, foreign);
        _object.Call(near, foreign);
        Expect("kernel_entry -> Near.By -> Foreign (at +0x0): a method outside the kernel's assembly");
    }

    [Fact]
    public void What_stubs_call_counts_as_export()
    {
        int trap = _object.Method(KernelObject.Prefix + "Traps__Enter");
        _object.CallSymbol(trap, _object.Elf.Undefined("RhpGcPoll"));
        Assert.Empty(_object.Walk().Violations);
        ClosureWalk walk = _object.Walk([KernelObject.Prefix + "Traps__Enter"], []);
        Assert.Equal(2, walk.RootCount);
        Assert.Single(walk.Violations);
    }

    [Fact]
    public void A_stub_that_calls_the_runtime_is_caught()
    {
        _object.Method("RhAllocate_impl", "RhAllocate");
        Violation violation = Assert.Single(_object.Walk(["RhAllocate"], []).Violations);
        Assert.Equal("RhAllocate (at +0x0): an assembly stub calls a method outside the kernel's assembly", violation.ToString());
    }

    [Fact]
    public void An_assembly_whose_name_only_begins_alike_is_another_one()
    {
        int other = _object.Method("GuestOS_Kernel_CoreTools_Thing__Do");
        _object.Call(_entry, other);
        Expect("kernel_entry -> GuestOS_Kernel_CoreTools_Thing__Do (at +0x0): a method outside the kernel's assembly");
    }

    private void Expect(params string[] violations)
        => Assert.Equal(violations, _object.Walk().Violations.Select(violation => violation.ToString()));
}
