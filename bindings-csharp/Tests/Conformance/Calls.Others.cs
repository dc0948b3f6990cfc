using System;
using System.Collections.Generic;
using System.Linq;

namespace GameSockets.Tests.Conformance
{
    using Record = Dictionary<string, object>;

    internal sealed partial class Calls
    {
        private void AddOthers()
        {
            AddStatus();
            AddCertificates();
            AddTexts();
            functions["RunCallbacks"] = given =>
            {
                Pump();
                return null;
            };
            // Events are told in any case.
            functions["SetGlobalCallback_SteamNetAuthenticationStatusChanged"] = given => true;
            functions["SetGlobalCallback_SteamNetConnectionStatusChanged"] = given => true;
            functions["SetDebugOutputFunction"] = given =>
            {
                sockets.SetDebugOutputLevel((DebugOutputType)(long)given[0]);
                return null;
            };
            functions["GetLocalTimestamp"] = given => sockets.LocalTimestamp;
            functions["GetIdentity"] = given => sockets.Identity;
            functions["ResetIdentity"] = given => Try<object>(
                () =>
                {
                    sockets.ResetIdentity(SteamId(given[0]));
                    return null;
                },
                _ => null);
        }

        private void AddStatus()
        {
            functions["GetQuickConnectionStatus"] = given => Try<object>(
                () => Neutral.Of(ConnectionOf(given[0]).RealTimeStatus), _ => new Record());
            functions["GetConnectionRealTimeStatus"] = given => Try<object>(
                () =>
                {
                    var lanes = new LaneStatus[(int)(long)given[1]];
                    RealTimeStatus status = ConnectionOf(given[0]).GetLaneStatus(lanes);
                    bool isWanted = given.Count < 3 || (bool)given[2];
                    return new Record
                    {
                        ["response"] = (long)Result.Ok,
                        ["connection_status"] = isWanted ? Neutral.Of(status) : new Record(),
                        ["lanes_status"] = lanes.Select(lane => (object)Neutral.Of(lane)).ToList(),
                    };
                },
                result => new Record { ["response"] = (long)result });
            functions["GetDetailedConnectionStatus"] = given => Try<object>(
                () =>
                {
                    string page = ConnectionOf(given[0]).DetailedStatus;
                    return new Record { ["success"] = 0L, ["status"] = page, ["buffer"] = page };
                },
                _ => new Record { ["success"] = -1L, ["status"] = string.Empty, ["buffer"] = string.Empty });
        }

        private void AddCertificates()
        {
            functions["InitAuthentication"] = given => (long)sockets.InitAuthentication();
            functions["GetAuthenticationStatus"] = given => (long)sockets.AuthenticationStatus;
            functions["GetCertificateRequest"] = given =>
            {
                byte[] request = sockets.GetCertificateRequest();
                return new Record
                {
                    ["certificate"] = request, ["error_message"] = string.Empty, ["cert_size"] = (long)request.Length,
                };
            };
            functions["SetCertificate"] = given =>
            {
                try
                {
                    sockets.SetCertificate((byte[])given[0]);
                    return new Record { ["response"] = true, ["error"] = string.Empty };
                }
                catch (NetworkingException error)
                {
                    return new Record { ["response"] = false, ["error"] = error.Message };
                }
            };
        }

        private void AddTexts()
        {
            functions["GetIPv4FakeIPType"] = given => FakeIpType(given[0]);
            functions["SteamNetworkingIPAddr_GetFakeIPType"] = given => FakeIpType(given[0]);
            functions["IsFakeIPv4"] = given =>
                Try(() => NetworkingUtils.GetFakeIPType((string)given[0]) > GameSockets.FakeIpType.NotFake, _ => false);
            functions["SteamNetworkingIPAddr_ParseString"] = given =>
                Worked(() => NetworkingUtils.ParseAddress((string)given[0]));
            functions["SteamNetworkingIPAddr_ToString"] = given => Try<object>(
                () => NetworkingUtils.ParseAddress((string)given[0], (bool)given[1]), _ => string.Empty);
            functions["SteamNetworkingIdentity_ParseString"] = given =>
                Worked(() => NetworkingUtils.ParseIdentity((string)given[0], out IdentityType _));
            functions["SteamNetworkingIdentity_ToString"] = given => Try<object>(
                () => NetworkingUtils.ParseIdentity((string)given[0], out IdentityType _), _ => string.Empty);
        }

        private static object FakeIpType(object address)
        {
            return Try<object>(() => (long)NetworkingUtils.GetFakeIPType((string)address), _ => 0L);
        }
    }
}
