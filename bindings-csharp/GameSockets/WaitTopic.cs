namespace GameSockets
{
    /// <summary>What a blocking wait waits for.</summary>
    internal enum WaitTopic
    {
        Events,
        Messages,
        Writable,
    }
}
