using System;
using System.Collections.Generic;
using System.Linq;

namespace GameSockets.Tests.Conformance
{
    using Record = Dictionary<string, object>;

    /// <summary>An instance, and its functions under their names in the flat API, with that API's answers.</summary>
    internal sealed partial class Calls : IDisposable
    {
        private readonly NetworkingSockets sockets = new NetworkingSockets();
        private readonly Dictionary<string, Func<List<object>, object>> functions;

        internal Calls()
        {
            functions = new Dictionary<string, Func<List<object>, object>>();
            AddConnections();
            AddMessages();
            AddOptions();
            AddOthers();
            sockets.ConnectionStatusChanged += Tell;
            sockets.AuthenticationStatusChanged += (available, text) => Tell(
                "network_authentication_status", new Record { ["available"] = (long)available, ["debug_message"] = text });
            sockets.DebugOutput += (level, text) => Tell(
                "networking_sockets_debug_output", new Record { ["type"] = (long)level, ["message"] = text });
        }

        /// <summary>What was told and nobody has asked for.</summary>
        internal List<(string Signal, Record Event)> Told { get; } = new List<(string Signal, Record Event)>();

        public void Dispose()
        {
            sockets.Dispose();
        }

        internal void Pump()
        {
            sockets.Poll();
        }

        internal object Call(string name, List<object> arguments)
        {
            return functions[name](arguments);
        }

        /// <summary>Success and failure of a call that answers with a result.</summary>
        private static object ResultOf(Action call)
        {
            return Try<object>(
                () =>
                {
                    call();
                    return (long)Result.Ok;
                },
                result => (long)result);
        }

        /// <summary>Success and failure of a call that answers whether it has worked.</summary>
        private static object Worked(Action call)
        {
            return Try<object>(
                () =>
                {
                    call();
                    return true;
                },
                _ => false);
        }

        private static T Try<T>(Func<T> call, Func<Result, T> otherwise)
        {
            try
            {
                return call();
            }
            catch (NetworkingException error)
            {
                return otherwise(error.Result);
            }
            catch (Exception error) when (error is ArgumentException || error is ObjectDisposedException)
            {
                return otherwise(Result.InvalidParam);
            }
        }

        private void Tell(in ConnectionStatusChange change)
        {
            var record = new Record
            {
                ["connect_handle"] = (long)change.Connection.Handle,
                ["connection"] = Neutral.Of(change.Info),
                ["old_state"] = (long)change.OldState,
            };
            Tell("network_connection_status_changed", record);
        }

        private void Tell(string signal, Record record)
        {
            Told.Add((signal, record));
        }

        /// <summary>The connection of a number; one that the library has never heard of, if it is not known.</summary>
        private Connection ConnectionOf(object handle)
        {
            uint number = unchecked((uint)(long)handle);
            Connection known = sockets.ConnectionOf(number);
            return known.IsClosed ? new Connection(sockets, number, false) : known;
        }

        private ListenSocket SocketOf(object handle)
        {
            return new ListenSocket(sockets, unchecked((uint)(long)handle));
        }

        private PollGroup GroupOf(object handle)
        {
            return new PollGroup(sockets, unchecked((uint)(long)handle));
        }

        private void AddConnections()
        {
            functions["CreateListenSocketIP"] = given => Try<object>(
                () => (long)sockets.CreateListenSocketIP((string)given[0], Options(given, 1)).Handle, _ => 0L);
            functions["CloseListenSocket"] = given => NativeMethods.CloseListenSocket(
                sockets.Instance, unchecked((uint)(long)given[0])) == Result.Ok;
            functions["GetListenSocketAddress"] = given => Try<object>(
                () => NetworkingUtils.ParseAddress(SocketOf(given[0]).Address, given.Count < 2 || (bool)given[1]),
                _ => string.Empty);
            functions["ConnectByIPAddress"] = given => Try<object>(
                () => (long)sockets.ConnectByIPAddress((string)given[0], Options(given, 1)).Handle, _ => 0L);
            functions["AcceptConnection"] = given => ResultOf(() => ConnectionOf(given[0]).Accept());
            functions["CloseConnection"] = given => Close(given);
            functions["CreateSocketPair"] = given => Try<object>(
                () =>
                {
                    (Connection first, Connection second) =
                        sockets.CreateSocketPair((bool)given[0], SteamId(given[1]), SteamId(given[2]));
                    return new Record
                    {
                        ["success"] = true, ["connection1"] = (long)first.Handle, ["connection2"] = (long)second.Handle,
                    };
                },
                _ => new Record { ["success"] = false, ["connection1"] = 0L, ["connection2"] = 0L });
            functions["GetConnectionInfo"] = given => Try<object>(
                () => Neutral.Of(ConnectionOf(given[0]).Info), _ => new Record());
            functions["GetConnectionName"] = given => Try<object>(() => ConnectionOf(given[0]).Name, _ => string.Empty);
            functions["SetConnectionName"] = given => Try<object>(
                () =>
                {
                    ConnectionOf(given[0]).Name = (string)given[1];
                    return null;
                },
                _ => null);
            functions["GetConnectionUserData"] = given => Try<object>(() => ConnectionOf(given[0]).UserData, _ => -1L);
            functions["SetConnectionUserData"] =
                given => Worked(() => ConnectionOf(given[0]).UserData = (long)given[1]);
        }

        /// <summary>The package closes without a word; here it matters whether there was something to close.</summary>
        private object Close(List<object> given)
        {
            Connection connection = ConnectionOf(given[0]);
            bool isThere = Try(() => connection.Info.ConnectionState >= ConnectionState.None || true, _ => false);
            connection.Close((int)(long)given[1], (string)given[2], (bool)given[3]);
            return isThere;
        }

        private void AddMessages()
        {
            functions["SendMessageToConnection"] = given =>
            {
                Result result = ConnectionOf(given[0]).TrySend((byte[])given[1], (SendFlags)(long)given[2], 0, out long number);
                return new Record { ["result"] = (long)result, ["message_number"] = result == Result.Ok ? number : -1L };
            };
            functions["SendMessages"] = given =>
            {
                Connection connection = ConnectionOf(given[0]);
                OutgoingMessage[] messages = ((List<object>)given[1])
                    .Select(payload => new OutgoingMessage(connection, (byte[])payload, (SendFlags)(long)given[2])).ToArray();
                var outcomes = new long[messages.Length];
                sockets.SendMessages(messages, outcomes);
                return outcomes.Select(outcome => (object)outcome).ToList();
            };
            functions["FlushMessagesOnConnection"] = given => ResultOf(() => ConnectionOf(given[0]).Flush());
            functions["ReceiveMessagesOnConnection"] = given => Receive(max => ConnectionOf(given[0]).Receive(max), given[1]);
            functions["ReceiveMessagesOnListenSocket"] = given => Receive(max => SocketOf(given[0]).Receive(max), given[1]);
            functions["ReceiveMessagesOnPollGroup"] = given => Receive(max => GroupOf(given[0]).Receive(max), given[1]);
            functions["CreatePollGroup"] = given => (long)sockets.CreatePollGroup().Handle;
            functions["DestroyPollGroup"] = given =>
                NativeMethods.DestroyPollGroup(sockets.Instance, unchecked((uint)(long)given[0])) == Result.Ok;
            functions["SetConnectionPollGroup"] = given => Worked(() => Join(ConnectionOf(given[0]), (long)given[1]));
            functions["ConfigureConnectionLanes"] = given =>
            {
                int[] priorities = ((List<object>)given[2]).Select(value => (int)(long)value).ToArray();
                ushort[] weights = ((List<object>)given[3]).Select(value => checked((ushort)(long)value)).ToArray();
                bool isWrong = priorities.Length != (long)given[1] || weights.Length != (long)given[1];
                return isWrong ? (long)Result.InvalidParam
                    : ResultOf(() => ConnectionOf(given[0]).ConfigureLanes(priorities, weights));
            };
        }

        private void Join(Connection connection, long group)
        {
            if (group != 0)
            {
                GroupOf(group).Add(connection);
                return;
            }
            using (PollGroup none = sockets.CreatePollGroup())
            {
                none.Remove(connection);
            }
        }

        private static object Receive(Func<int, MessageBatch> receive, object max)
        {
            return Try(
                () =>
                {
                    var messages = new List<object>();
                    using (MessageBatch batch = receive((int)Math.Min(int.MaxValue, (long)max)))
                    {
                        foreach (Message message in batch)
                        {
                            messages.Add(Neutral.Of(message));
                        }
                    }
                    return messages;
                },
                _ => new List<object>());
        }

        /// <summary>A SteamID as an identity; 0 is nobody.</summary>
        private static string SteamId(object number)
        {
            return (long)number == 0 ? null : NetworkingUtils.IdentityOfSteamId(unchecked((ulong)(long)number));
        }
    }
}
