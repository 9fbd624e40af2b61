namespace GuestOS.Machine.Queues;

/// <summary>What is linked to others of its kind: in one <see cref="LinkedQueue{T}"/>, <see cref="LinkedPool{T}"/> or other list at most.</summary>
/// <typeparam name="T">The kind itself.</typeparam>
public abstract class Linked<T>
    where T : Linked<T>
{
    /// <summary>Link for the list that it is in; null at its end, and outside of lists.</summary>
    public T? Next { get; set; }
}
