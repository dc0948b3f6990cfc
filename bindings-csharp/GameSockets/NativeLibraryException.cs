using System;

namespace GameSockets
{
    /// <summary>
    /// The native library is absent, for another processor, or of another version than this assembly. The message says
    /// which file was looked for, where, and in which version.
    /// </summary>
    public sealed class NativeLibraryException : Exception
    {
        internal NativeLibraryException(string message, Exception cause)
            : base(message, cause)
        {
        }
    }
}
