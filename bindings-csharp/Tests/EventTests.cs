using System;
using System.Collections.Generic;
using NUnit.Framework;

namespace GameSockets.Tests
{
    /// <summary>What <c>Poll</c> raises, and in which order.</summary>
    public sealed class EventTests
    {
        [Test]
        public void AConnectionTellsOfItsWholeLife()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using NetworkingSockets client = Pair.Make("str:client");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            var told = new List<string>();
            Connection toClient = null;
            server.ConnectionStatusChanged += (in ConnectionStatusChange change) =>
            {
                told.Add(change.OldState + " to " + change.State);
                Assert.That(change.Info.IdentityString, Is.EqualTo("str:client"));
                Assert.That(toClient ?? change.Connection, Is.SameAs(change.Connection));
                toClient = change.Connection;
                if (change.State == ConnectionState.Connecting)
                {
                    change.Connection.Accept();
                }
            };
            Connection toServer = client.ConnectByIPAddress(socket.Address);
            Limits.Until("the connection", () => server.Poll() >= 0 && told.Count == 2);
            toServer.Close(1234, "enough");
            Limits.Until("the end", () => server.Poll() >= 0 && told.Count == 3);
            Assert.That(told, Is.EqualTo(new[]
            {
                "None to Connecting", "Connecting to Connected", "Connected to ClosedByPeer",
            }));
            ConnectionInfo info = toClient.Info;
            Assert.That((int)info.EndReason, Is.EqualTo(1234));
            Assert.That(info.EndDebug, Is.EqualTo("enough"));
            Assert.That(info.RemoteAddress, Is.EqualTo("127.0.0.1"));
            Assert.That(info.ListenSocket, Is.EqualTo(socket.Handle));
        }

        [Test]
        public void NothingIsRaisedBetweenPolls()
        {
            using var pair = new Pair();
            int count = 0;
            pair.Server.ConnectionStatusChanged += (in ConnectionStatusChange change) => count++;
            pair.ToServer.Close();
            Assert.That(pair.Server.WaitEvents(Limits.Long));
            Assert.That(count, Is.Zero);
            Assert.That(pair.Server.RunCallbacks(), Is.EqualTo(1));
            Assert.That(count, Is.EqualTo(1));
            Assert.That(pair.Server.Poll(), Is.Zero);
            Assert.That(pair.Server.WaitEvents(Limits.InVain), Is.False);
        }

        [Test]
        public void WhatAHandlerThrowsComesOutAndTheRestWaits()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            using NetworkingSockets client = Pair.Make("str:client");
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            int count = 0;
            server.ConnectionStatusChanged += (in ConnectionStatusChange change) =>
            {
                count++;
                throw new InvalidTimeZoneException("on purpose");
            };
            client.ConnectByIPAddress(socket.Address);
            client.ConnectByIPAddress(socket.Address);
            int thrown = 0;
            Limits.Until("both events", () =>
            {
                try
                {
                    server.Poll();
                }
                catch (InvalidTimeZoneException)
                {
                    thrown++;
                }
                return thrown == 2;
            });
            Assert.That(count, Is.EqualTo(2));
        }

        [Test]
        public void TheLogIsToldUpToTheDetailThatIsAskedFor()
        {
            using NetworkingSockets server = Pair.Make("str:server");
            var lines = new List<string>();
            server.DebugOutput += (level, text) => lines.Add(level + " " + text);
            server.SetDebugOutputLevel(DebugOutputType.Everything);
            using ListenSocket socket = server.CreateListenSocketIP("127.0.0.1:0");
            using NetworkingSockets client = Pair.Make("str:client");
            client.ConnectByIPAddress(socket.Address);
            Limits.Until("a line of the log", () => server.Poll() >= 0 && lines.Count > 0);
            Assert.That(lines[0].Split(' ').Length, Is.GreaterThan(1));
        }

        [Test]
        public void ARefusedSendIsToldOfRoom()
        {
            using var pair = new Pair();
            Connection writable = null;
            pair.Client.ConnectionWritable += connection => writable = connection;
            byte[] payload = new byte[100_000];
            Result result;
            while ((result = pair.ToServer.TrySend(payload)) == Result.Ok)
            {
            }
            Assert.That(result, Is.EqualTo(Result.LimitExceeded));
            Limits.Until("room", () =>
            {
                pair.ToClient.Receive().Dispose();
                pair.Client.Poll();
                return writable != null;
            });
            Assert.That(writable, Is.SameAs(pair.ToServer));
            Assert.That(pair.ToServer.TrySend(payload), Is.EqualTo(Result.Ok));
        }

        [Test]
        public void APeerThatIsNotThereEndsTheConnection()
        {
            using NetworkingSockets client = Pair.Make("str:client");
            using var address = new FreeAddress();
            var timeout = new ConfigOption(ConfigValue.TimeoutInitial, 300);
            Connection connection = client.ConnectByIPAddress(address.Text, timeout);
            Limits.Until("the end", () => client.Poll() >= 0 && connection.State == ConnectionState.ProblemDetectedLocally);
            Assert.That(connection.Info.EndReason, Is.Not.EqualTo((ConnectionEnd)0));
            Assert.That(connection.Info.EndDebug, Is.Not.Empty);
        }
    }
}
