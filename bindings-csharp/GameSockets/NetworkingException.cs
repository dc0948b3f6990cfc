using System;

namespace GameSockets
{
    /// <summary>A call was refused. The message names the cause and, where there is one, the fix.</summary>
    public sealed class NetworkingException : Exception
    {
        private const int LongestReason = 2048;

        internal NetworkingException(Result result, string reason)
            : base(string.IsNullOrEmpty(reason) ? "gamesockets answered " + result : reason + " (" + result + ")")
        {
            Result = result;
        }

        /// <summary>A connection that has ended.</summary>
        internal NetworkingException(in ConnectionInfo info)
            : base("The connection has ended (" + (int)info.EndReason + "): " + info.EndDebug)
        {
            Result = Result.NoConnection;
            EndReason = info.EndReason;
        }

        /// <summary>Why, as a number of the API.</summary>
        public Result Result { get; }

        /// <summary>Why a connection could not be made; 0 for every other failure.</summary>
        public ConnectionEnd EndReason { get; }

        /// <summary>Throws if the last call of this thread failed.</summary>
        internal static void ThrowUnlessOk(Result result)
        {
            if (result != Result.Ok)
            {
                throw new NetworkingException(result, LastError());
            }
        }

        private static unsafe string LastError()
        {
            byte* buffer = stackalloc byte[LongestReason];
            UIntPtr length = UIntPtr.Zero;
            Result result = NativeMethods.LastError(buffer, (UIntPtr)LongestReason, &length);
            return result == Result.Ok ? Utf8.ToString(buffer, (int)length) : string.Empty;
        }
    }
}
