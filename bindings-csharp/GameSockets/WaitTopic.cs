namespace GameSockets
{
    /// <summary>What can be waited for; the numbers are those of the native library.</summary>
    internal enum WaitTopic
    {
        Events = 1,
        Messages = 2,
        Writable = 3,
    }
}
