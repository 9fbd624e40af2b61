using GuestOS.Kernel.ClosureCheck.Elf;

namespace GuestOS.Kernel.ClosureCheck;

/// <summary>
/// The build check of the no-GC kernel: exit code 0 when its exports reach only the kernel's own methods, constants and zeroed statics
/// and the assembly stubs; 1 with one line for each way out; 2 when the check itself cannot be made. The runtime's stack cookie is a way
/// out: it changes when the runtime starts, under the feet of a kernel method that another processor is just running.
/// </summary>
internal static class Program
{
    internal static int Main(string[] words)
    {
        if (Arguments.Parse(words, out string problem) is not { } arguments)
        {
            Console.Error.WriteLine($"ClosureCheck : error : {problem}");
            Console.Error.WriteLine(Arguments.Usage);
            return 2;
        }

        try
        {
            return Check(arguments);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            Console.Error.WriteLine($"ClosureCheck : error : {exception.Message}");
            return 2;
        }
    }

    private static int Check(Arguments arguments)
    {
        var defined = new HashSet<string>(arguments.Allowed);
        var called = new HashSet<string>(arguments.Roots);
        foreach (ElfSymbol symbol in arguments.Stubs.SelectMany(path => ElfObject.Load(path).Symbols))
        {
            if (symbol.IsDefined && symbol.IsGlobal)
                defined.Add(symbol.Name);
            else if (symbol.Section == ElfSymbol.Undefined && symbol.Name.Length != 0)
                called.Add(symbol.Name);
        }

        var walk = new ClosureWalk(ElfObject.Load(arguments.ObjectPath), new KernelNames(arguments.Assembly), defined);
        walk.AddExports(called);
        if (walk.RootCount == 0)
            throw new InvalidDataException($"{arguments.ObjectPath}: no export of {arguments.Assembly}");
        walk.Run();

        // The form that MSBuild takes for an error of the build.
        foreach (Violation violation in walk.Violations)
            Console.Error.WriteLine($"ClosureCheck : error GOS0001: {violation}");
        if (arguments.Verbose || walk.Violations.Count != 0)
            Console.WriteLine($"ClosureCheck: {walk.RootCount} exports reach {walk.MethodCount} methods, {walk.Violations.Count} ways out.");
        return walk.Violations.Count == 0 ? 0 : 1;
    }
}
