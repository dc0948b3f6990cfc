using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;

namespace GameSockets.Tests.Peers
{
    /// <summary>Valve's own library, at either end.</summary>
    public sealed class ValveTests
    {
        [Test]
        public void ValvesServerSendsEverythingBack()
        {
            using var valve = new ValvePeer("str:valve");
            string address = Free();
            Assert.That(
                valve.Call("{\"listen\":{\"address\":\"" + address + "\",\"options\":[]}}"), Is.Not.EqualTo(0L));
            valve.Call("{\"receive\":\"echo\"}");
            using NetworkingSockets client = Pair.Make("str:client");
            Connection connection = client.ConnectByIPAddress(address);
            Dictionary<string, object> told = valve.Report("event");
            Assert.That(InfoOf(told)["remote_identity"], Is.EqualTo("str:client"));
            string handle = told["connection"].ToString();
            Assert.That(valve.Call("{\"accept\":{\"connection\":" + handle + "}}"), Is.EqualTo((long)Result.Ok));
            Limits.Until("the connection", () => connection.State == ConnectionState.Connected);
            Assert.That(connection.Info.IdentityString, Is.EqualTo("str:valve"));
            string lanes = "{\"lanes\":{\"connection\":" + handle + ",\"priorities\":[0,0],\"weights\":[1,1]}}";
            Assert.That(valve.Call(lanes), Is.EqualTo((long)Result.Ok));
            CheckEcho(connection);
            connection.Close(1234, "from C#");
            while ((long)InfoOf(told)["state"] != (long)ConnectionState.ClosedByPeer)
            {
                told = valve.Report("event");
            }
            Assert.That(InfoOf(told)["end_reason"], Is.EqualTo(1234));
            Assert.That(InfoOf(told)["end_debug"], Is.EqualTo("from C#"));
        }

        [TestCase(SendFlags.Reliable)]
        [TestCase(SendFlags.Unreliable)]
        public void ValvesClientIsSentEverythingBack(SendFlags flags)
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            Connection toClient = null;
            server.ConnectionStatusChanged += (in ConnectionStatusChange change) => toClient = change.Connection;
            using var valve = new ValvePeer("str:valve");
            object toServer = valve.Call("{\"connect\":{\"address\":\"" + socket.Address + "\",\"options\":[]}}");
            Limits.Until("the connection", () => server.Poll() >= 0 && toClient != null);
            toClient.Accept();
            Limits.Until("that it stands", () => toClient.State == ConnectionState.Connected);
            for (int seed = 0; seed < 4; seed++)
            {
                int size = Pattern.Sizes[seed];
                string message = "{\"len\":" + size + ",\"seed\":" + seed + ",\"flags\":" + (int)flags + ",\"lane\":0}";
                object number = valve.Call("{\"send\":{\"connection\":" + toServer + ",\"message\":" + message + "}}");
                Assert.That(number, Is.EqualTo(seed + 1));
                byte[] payload = Pair.Receive(toClient, 1)[0];
                Assert.That(payload, Is.EqualTo(Pattern.Of(size, (ulong)seed)));
                Pair.Send(toClient, payload, flags);
                Dictionary<string, object> answer = valve.Report("message");
                Assert.That(answer["len"], Is.EqualTo(size));
                Assert.That(answer["number"], Is.EqualTo(seed + 1));
                Assert.That((long)answer["flags"] & 8, Is.EqualTo((int)flags & 8));
            }
            valve.Call(
                "{\"close\":{\"connection\":" + toServer + ",\"reason\":2001,\"debug\":\"from Valve\",\"linger\":false}}");
            Limits.Until("the end", () => toClient.State == ConnectionState.ClosedByPeer);
            Assert.That((int)toClient.Info.EndReason, Is.EqualTo(2001));
            Assert.That(toClient.Info.EndDebug, Is.EqualTo("from Valve"));
        }

        /// <summary>Messages of many sizes on two lanes, to somebody who sends them back.</summary>
        private static void CheckEcho(Connection connection)
        {
            connection.ConfigureLanes(new[] { 0, 0 }, new ushort[] { 1, 1 });
            List<byte[]> payloads = Pattern.OfEverySize();
            for (int lane = 0; lane < 2; lane++)
            {
                foreach (byte[] payload in payloads)
                {
                    Pair.Send(connection, payload, SendFlags.Reliable, lane);
                }
            }
            var came = new[] { new List<byte[]>(), new List<byte[]>() };
            while (came.Sum(list => list.Count) < 2 * payloads.Count)
            {
                Assert.That(connection.WaitMessages(Limits.Long));
                using MessageBatch batch = connection.Receive();
                foreach (Message message in batch)
                {
                    came[message.Lane].Add(message.Payload.ToArray());
                }
            }
            Assert.That(came[0], Is.EqualTo(payloads));
            Assert.That(came[1], Is.EqualTo(payloads));
        }

        private static Dictionary<string, object> InfoOf(Dictionary<string, object> told)
        {
            return (Dictionary<string, object>)told["info"];
        }

        /// <summary>Valve's library refuses port 0.</summary>
        private static string Free()
        {
            using var address = new FreeAddress();
            return address.Text;
        }
    }
}
