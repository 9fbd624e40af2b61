namespace GuestOS.Kernel.ClosureCheck.Tests;

public sealed class ProgramTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("closure-check-");
    private readonly KernelObject _object = new();
    private readonly int _entry;

    public ProgramTests() => _entry = _object.Kernel("Entry__Start", "kernel_entry");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Symbols_of_the_stubs_are_allowed()
    {
        _object.CallSymbol(_entry, _object.Elf.Undefined("cpu_out8"));
        _object.CallSymbol(_entry, _object.Elf.Undefined("link_end"));
        var stub = new ElfBuilder();
        stub.Function("cpu_out8", stub.Code(".text", [0xC3]), 0, 1);
        string stubs = Write("stubs.o", stub);
        Assert.Equal(1, Run("--stubs", stubs));
        Assert.Equal(0, Run("--stubs", stubs, "--allow", "link_end"));
    }

    [Fact]
    public void A_buffer_on_the_stack_is_a_violation_because_of_its_cookie()
    {
        _object.TakeSymbol(_entry, _object.Elf.Undefined("__security_cookie"));
        Assert.Equal(1, Run());
    }

    [Fact]
    public void A_violation_ends_with_1()
    {
        _object.CallSymbol(_entry, _object.Elf.Undefined("RhpNewFast"));
        Assert.Equal(1, Run());
    }

    [Fact]
    public void A_method_named_as_root_is_walked()
    {
        int hidden = _object.Kernel("Hidden__Method");
        _object.CallSymbol(hidden, _object.Elf.Undefined("RhpNewFast"));
        Assert.Equal(0, Run());
        Assert.Equal(1, Run("--root", KernelObject.Prefix + "Hidden__Method"));
    }

    [Fact]
    public void An_object_without_exports_of_the_assembly_is_an_error_not_a_success()
    {
        string path = Write("kernel.o", _object.Elf);
        Assert.Equal(2, Program.Main(["--object", path, "--assembly", "GuestOS.Kernel.Kore"]));
    }

    [Fact]
    public void Wrong_arguments_and_missing_files_end_with_2()
    {
        Assert.Equal(2, Program.Main([]));
        Assert.Equal(2, Program.Main(["--object"]));
        Assert.Equal(2, Program.Main(["--object", "x.o"]));
        Assert.Equal(2, Program.Main(["--objects", "x.o"]));
        Assert.Equal(2, Program.Main(["--object", Path.Combine(_folder.FullName, "none.o"), "--assembly", "A"]));
        string text = Path.Combine(_folder.FullName, "text.o");
        File.WriteAllText(text, "no object");
        Assert.Equal(2, Program.Main(["--object", text, "--assembly", "A"]));
    }

    private int Run(params string[] more)
        => Program.Main(["--object", Write("kernel.o", _object.Elf), "--assembly", "GuestOS.Kernel.Core", .. more]);

    private string Write(string name, ElfBuilder builder)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, builder.Bytes());
        return path;
    }
}
