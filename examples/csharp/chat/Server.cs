using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using GameSockets;

/// <summary>Passes what each client says to all of them.</summary>
internal sealed class Server
{
    private const int LongestName = 24;
    private const int LongestLine = 2000;
    private static readonly TimeSpan LookUp = TimeSpan.FromMilliseconds(10);

    /// <summary>Why a client is turned away: our own reason, from the range for applications.</summary>
    private const int NameRefused = 1001;

    private readonly NetworkingSockets sockets = new NetworkingSockets();
    private readonly Dictionary<Connection, string> names = new Dictionary<Connection, string>();
    private readonly PollGroup everybody;
    private readonly int until;
    private int left;

    internal Server(string address, int until)
    {
        this.until = until;
        everybody = sockets.CreatePollGroup();
        sockets.ConnectionStatusChanged += Follow;
        Console.WriteLine("listening on " + sockets.CreateListenSocketIP(address).Address);
    }

    internal void Run()
    {
        while (left < until)
        {
            everybody.WaitMessages(LookUp);
            using (MessageBatch batch = everybody.Receive())
            {
                foreach (Message message in batch)
                {
                    Hear(message.Connection, message.Payload);
                }
            }
            sockets.Poll();
        }
        sockets.Dispose();
    }

    private void Follow(in ConnectionStatusChange change)
    {
        switch (change.State)
        {
            case ConnectionState.Connecting:
                Welcome(change.Connection);
                break;
            case ConnectionState.ClosedByPeer:
            case ConnectionState.ProblemDetectedLocally:
                Leave(change.Connection);
                break;
        }
    }

    private void Welcome(Connection connection)
    {
        try
        {
            everybody.Add(connection);
            connection.Accept();
        }
        catch (NetworkingException)
        {
            // It is gone already: the next event says so.
        }
    }

    private void Leave(Connection connection)
    {
        // What it said last is still to be heard.
        using (MessageBatch batch = connection.Receive(int.MaxValue))
        {
            foreach (Message message in batch)
            {
                Hear(connection, message.Payload);
            }
        }
        connection.Dispose();
        if (names.Remove(connection, out string name))
        {
            Say("* " + name + " left");
            left++;
        }
    }

    private void Hear(Connection connection, ReadOnlySpan<byte> payload)
    {
        string text = Encoding.UTF8.GetString(payload);
        text = new string(text.Where(character => !char.IsControl(character)).Take(LongestLine).ToArray());
        if (names.TryGetValue(connection, out string name))
        {
            Say(name + ": " + text);
        }
        else if (ProblemWith(text) is string problem)
        {
            connection.Close(NameRefused, problem, linger: true);
        }
        else
        {
            connection.Name = text;
            names.Add(connection, text);
            Say("* " + text + " joined; " + names.Count + " here");
        }
    }

    private string ProblemWith(string name)
    {
        if (name.Trim() != name || name.Length == 0 || name.Length > LongestName)
        {
            return "a nickname has 1 to " + LongestName + " characters, and no space around";
        }
        return names.ContainsValue(name) ? "the nickname " + name + " is taken" : null;
    }

    private void Say(string line)
    {
        Console.WriteLine(line);
        byte[] bytes = Encoding.UTF8.GetBytes(line);
        foreach (Connection connection in names.Keys)
        {
            // Who does not read misses lines.
            connection.TrySend(bytes);
        }
    }
}
