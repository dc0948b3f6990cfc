using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Threading;
using GameSockets;

/// <summary>Says what is typed, and shows what others say.</summary>
internal sealed class Client
{
    private static readonly TimeSpan LookUp = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(5);

    private readonly NetworkingSockets sockets = new NetworkingSockets();
    private readonly BlockingCollection<string> typed = new BlockingCollection<string>();
    private readonly Connection connection;
    private readonly string name;

    /// <summary>Our last line, until the server has said it to everybody.</summary>
    private string unheard;

    internal Client(string address, string name)
    {
        this.name = name;
        connection = sockets.ConnectByIPAddress(address);
        connection.Send(Encoding.UTF8.GetBytes(name));
        new Thread(ReadInput) { IsBackground = true }.Start();
    }

    internal int Run()
    {
        var goodbye = new Stopwatch();
        while (!typed.IsCompleted || (unheard != null && goodbye.Elapsed < LongestGoodbye))
        {
            if (typed.IsCompleted)
            {
                goodbye.Start();
            }
            while (typed.TryTake(out string line))
            {
                connection.Send(Encoding.UTF8.GetBytes(line));
                unheard = name + ": " + line;
            }
            if (!Show())
            {
                return 1;
            }
        }
        connection.Close(1000, "bye", linger: true);
        sockets.Dispose();
        return 0;
    }

    /// <summary><c>false</c> when the connection has ended.</summary>
    private bool Show()
    {
        sockets.Poll();
        try
        {
            connection.WaitMessages(LookUp);
        }
        catch (NetworkingException)
        {
            Console.WriteLine("the server is gone: " + connection.Info.EndDebug);
            return false;
        }
        using MessageBatch batch = connection.Receive();
        foreach (Message message in batch)
        {
            string line = Encoding.UTF8.GetString(message.Payload);
            Console.WriteLine(line);
            unheard = line == unheard ? null : unheard;
        }
        return true;
    }

    private void ReadInput()
    {
        string line;
        while ((line = Console.ReadLine()) != null)
        {
            typed.Add(line);
        }
        typed.CompleteAdding();
    }
}
