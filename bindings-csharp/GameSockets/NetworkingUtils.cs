using System;
using System.Collections.Generic;

namespace GameSockets
{
    /// <summary>What needs no instance: identities, addresses, and the list of options.</summary>
    public static unsafe class NetworkingUtils
    {
        /// <summary>The version of the native library.</summary>
        /// <exception cref="NativeLibraryException">It is absent, or of another version than this assembly.</exception>
        public static string LibraryVersion
        {
            get
            {
                NativeLibrary.EnsureLoaded();
                return Utf8.Read((buffer, capacity, length) => NativeMethods.Version(buffer, capacity, length));
            }
        }

        /// <summary>Checks an identity, and writes it as the library does.</summary>
        /// <exception cref="NetworkingException">It is no identity.</exception>
        public static string ParseIdentity(string text, out IdentityType kind)
        {
            NativeLibrary.EnsureLoaded();
            byte[] bytes = Utf8.Bytes(text);
            int number = 0;
            string identity = Utf8.Read((buffer, capacity, length) =>
            {
                int found = 0;
                Result result;
                fixed (byte* start = bytes)
                {
                    result = NativeMethods.ParseIdentity(start, (UIntPtr)bytes.Length, &found, buffer, capacity, length);
                }
                number = found;
                return result;
            });
            kind = (IdentityType)number;
            return identity;
        }

        /// <summary>A SteamID64 as an identity.</summary>
        /// <exception cref="NetworkingException">It is no SteamID64.</exception>
        public static string IdentityOfSteamId(ulong steamId)
        {
            NativeLibrary.EnsureLoaded();
            return Utf8.Read((buffer, capacity, length) =>
                NativeMethods.IdentityOfSteamId(steamId, buffer, capacity, length));
        }

        /// <summary>Checks an address, and writes it as the library does.</summary>
        /// <exception cref="NetworkingException">It is no address.</exception>
        public static string ParseAddress(string text, bool withPort = true)
        {
            NativeLibrary.EnsureLoaded();
            byte[] bytes = Utf8.Bytes(text);
            return Utf8.Read((buffer, capacity, length) =>
            {
                fixed (byte* start = bytes)
                {
                    byte port = withPort ? (byte)1 : (byte)0;
                    return NativeMethods.ParseAddress(start, (UIntPtr)bytes.Length, port, buffer, capacity, length);
                }
            });
        }

        /// <summary>Whether an address is an ordinary one, or a fake one that stands for an identity.</summary>
        /// <exception cref="NetworkingException">It is no address.</exception>
        public static FakeIpType GetFakeIPType(string address)
        {
            NativeLibrary.EnsureLoaded();
            byte[] bytes = Utf8.Bytes(address);
            int kind;
            fixed (byte* start = bytes)
            {
                NetworkingException.ThrowUnlessOk(
                    NativeMethods.GetAddressFakeIpType(start, (UIntPtr)bytes.Length, &kind));
            }
            return (FakeIpType)kind;
        }

        /// <summary>Name, type and narrowest scope of an option.</summary>
        /// <exception cref="NetworkingException">There is no such option.</exception>
        public static ConfigValueInfo GetConfigValueInfo(ConfigValue option)
        {
            NativeLibrary.EnsureLoaded();
            ConfigValueInfo info;
            NetworkingException.ThrowUnlessOk(NativeMethods.GetConfigValueInfo((int)option, &info));
            return info;
        }

        /// <summary>The options that a user interface may show.</summary>
        /// <param name="developer">Whether those for developers are among them.</param>
        public static IEnumerable<ConfigValue> EditableConfigValues(bool developer = false)
        {
            ConfigValue option = NextEditable(ConfigValue.Invalid, developer);
            while (option != ConfigValue.Invalid)
            {
                yield return option;
                option = NextEditable(option, developer);
            }
        }

        private static ConfigValue NextEditable(ConfigValue after, bool developer)
        {
            NativeLibrary.EnsureLoaded();
            int next;
            NetworkingException.ThrowUnlessOk(NativeMethods.IterateGenericEditableConfigValues(
                (int)after, developer ? (byte)1 : (byte)0, &next));
            return (ConfigValue)next;
        }
    }
}
