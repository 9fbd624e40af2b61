// The ahead-of-time compiler matches these two attributes by name. Declared here because the framework keeps its own internal.
namespace System.Runtime;

/// <summary>Emits the method under a plain symbol, callable from assembly with the System V convention and no GC transition.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute : Attribute
{
    public RuntimeExportAttribute(string entryPoint) => EntryPoint = entryPoint;

    public string EntryPoint { get; }
}

/// <summary>Makes an extern method a bare call of a linked symbol: no marshalling, no GC poll.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeImportAttribute : Attribute
{
    public RuntimeImportAttribute(string dllName, string entryPoint)
    {
        DllName = dllName;
        EntryPoint = entryPoint;
    }

    public string DllName { get; }

    public string EntryPoint { get; }
}
