using System.Diagnostics.CodeAnalysis;

namespace GuestOS.Kernel.FileSystems;

/// <summary>What a file operation gave: a value or an error.</summary>
/// <typeparam name="T">The value's type.</typeparam>
public readonly struct FileResult<T>
    where T : notnull
{
    private readonly T? _value;

    private FileResult(T? value, FileError? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>What went wrong; null after success.</summary>
    public FileError? Error { get; }

    /// <summary>Whether there is a value.</summary>
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Error is null;

    /// <summary>The value.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException(Error.Message);

    /// <summary>A result with a value.</summary>
    public static implicit operator FileResult<T>(T value) => new(value, null);

    /// <summary>A result with an error.</summary>
    public static implicit operator FileResult<T>(FileError error) => new(default, error);
}
