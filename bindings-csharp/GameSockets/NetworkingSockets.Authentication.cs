using System;
using System.Runtime.InteropServices;

namespace GameSockets
{
    public sealed partial class NetworkingSockets
    {
        /// <summary>How ready our certificate is.</summary>
        public Availability AuthenticationStatus => ReadAuthenticationStatus(out _);

        /// <summary>The same in words, for logs.</summary>
        public string AuthenticationStatusText
        {
            get
            {
                ReadAuthenticationStatus(out string text);
                return text;
            }
        }

        /// <summary>The app that certificates must be good for; 0 unless set.</summary>
        public unsafe uint AppId
        {
            get
            {
                uint id;
                NetworkingException.ThrowUnlessOk(NativeMethods.GetAppId(Instance, &id));
                GC.KeepAlive(this);
                return id;
            }

            set
            {
                NetworkingException.ThrowUnlessOk(NativeMethods.SetAppId(Instance, value));
                GC.KeepAlive(this);
            }
        }

        /// <summary>Says that authentication is wanted.</summary>
        /// <returns>How ready our certificate is.</returns>
        public unsafe Availability InitAuthentication()
        {
            int available;
            NetworkingException.ThrowUnlessOk(NativeMethods.InitAuthentication(Instance, &available));
            GC.KeepAlive(this);
            return (Availability)available;
        }

        /// <summary>What a certificate authority has to sign so that we get a certificate.</summary>
        public unsafe byte[] GetCertificateRequest()
        {
            ulong instance = Instance;
            byte[] request = Utf8.ReadBytes((buffer, capacity, length) =>
                NativeMethods.GetCertificateRequest(instance, buffer, capacity, length));
            GC.KeepAlive(this);
            return request;
        }

        /// <summary>Shows peers this certificate from now on, in new connections.</summary>
        /// <param name="certificate">Signed by a certificate authority.</param>
        /// <param name="privateKey">Replaces ours; empty: the key of <see cref="GetCertificateRequest"/>.</param>
        /// <exception cref="NetworkingException">It is damaged, expired, revoked, or not ours.</exception>
        public unsafe void SetCertificate(ReadOnlySpan<byte> certificate, ReadOnlySpan<byte> privateKey = default)
        {
            fixed (byte* first = &MemoryMarshal.GetReference(certificate), second = &MemoryMarshal.GetReference(privateKey))
            {
                NetworkingException.ThrowUnlessOk(NativeMethods.SetCertificate(
                    Instance, first, (UIntPtr)certificate.Length, second, (UIntPtr)privateKey.Length));
            }
            GC.KeepAlive(this);
        }

        /// <summary>Believes the certificates that an authority signs: its public key, or its certificate.</summary>
        public unsafe void AddTrustedCA(ReadOnlySpan<byte> authority)
        {
            fixed (byte* start = &MemoryMarshal.GetReference(authority))
            {
                NetworkingException.ThrowUnlessOk(
                    NativeMethods.AddTrustedCa(Instance, start, (UIntPtr)authority.Length));
            }
            GC.KeepAlive(this);
        }

        /// <summary>Distrusts a key, a CA's or a peer's.</summary>
        public void Revoke(ulong keyId)
        {
            NetworkingException.ThrowUnlessOk(NativeMethods.Revoke(Instance, keyId));
            GC.KeepAlive(this);
        }

        /// <summary>Distrusts every key of a list: one decimal key id per line, <c>#</c> begins a remark.</summary>
        /// <returns>How many there were.</returns>
        public unsafe int RevokeAll(string list)
        {
            byte[] text = Utf8.Bytes(list);
            UIntPtr count;
            fixed (byte* start = text)
            {
                NetworkingException.ThrowUnlessOk(
                    NativeMethods.RevokeAll(Instance, start, (UIntPtr)text.Length, &count));
            }
            GC.KeepAlive(this);
            return (int)count;
        }

        private unsafe Availability ReadAuthenticationStatus(out string text)
        {
            const int Longest = 1024;
            byte* buffer = stackalloc byte[Longest];
            int available;
            UIntPtr length;
            NetworkingException.ThrowUnlessOk(
                NativeMethods.GetAuthenticationStatus(Instance, &available, buffer, (UIntPtr)Longest, &length));
            GC.KeepAlive(this);
            text = Utf8.ToString(buffer, (int)length);
            return (Availability)available;
        }
    }
}
