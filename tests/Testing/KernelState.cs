using System.Reflection;

namespace GuestOS.Testing;

/// <summary>Puts the kernel's statics back to what they are before boot: zero.</summary>
internal static class KernelState
{
    public static void Reset(Type type)
    {
        foreach (FieldInfo field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (!field.IsLiteral)
                field.SetValue(null, field.FieldType.IsValueType ? Activator.CreateInstance(field.FieldType) : null);
        }
    }
}
