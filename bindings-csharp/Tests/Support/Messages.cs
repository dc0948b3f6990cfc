namespace GameSockets.Tests
{
    internal static class Messages
    {
        /// <summary>Debian's mono has no indexer of <c>ReadOnlySpan</c> that compiled code finds.</summary>
        internal static byte FirstByte(this in Message message)
        {
            return message.Payload.ToArray()[0];
        }
    }
}
