using System;
using System.Text;

namespace GameSockets
{
    /// <summary>Texts on their way to and from the native library.</summary>
    internal static unsafe class Utf8
    {
        /// <summary>A call that writes a text, and always its length.</summary>
        internal delegate Result TextCall(byte* buffer, UIntPtr capacity, UIntPtr* length);

        internal static string ToString(byte* bytes, int length)
        {
            return length == 0 ? string.Empty : Encoding.UTF8.GetString(bytes, length);
        }

        /// <summary>As bytes; none for null.</summary>
        internal static byte[] Bytes(string text)
        {
            return string.IsNullOrEmpty(text) ? Array.Empty<byte>() : Encoding.UTF8.GetBytes(text);
        }

        /// <summary>The text that a call writes.</summary>
        internal static string Read(TextCall call)
        {
            byte[] bytes = ReadBytes(call);
            return Encoding.UTF8.GetString(bytes);
        }

        /// <summary>The bytes that a call writes.</summary>
        internal static byte[] ReadBytes(TextCall call)
        {
            byte[] buffer = new byte[256];
            while (true)
            {
                UIntPtr length = UIntPtr.Zero;
                Result result;
                fixed (byte* start = buffer)
                {
                    result = call(start, (UIntPtr)buffer.Length, &length);
                }
                int wanted = checked((int)length);
                // It may grow from one call to the next.
                if (result == Result.LimitExceeded && wanted > buffer.Length)
                {
                    buffer = new byte[wanted + 64];
                    continue;
                }
                NetworkingException.ThrowUnlessOk(result);
                Array.Resize(ref buffer, wanted);
                return buffer;
            }
        }
    }
}
