// Messages there and back: `dotnet run`, `dotnet run -- server IP:PORT`, `dotnet run -- client IP:PORT [--count N]`.
using System;
using System.Diagnostics;
using System.Threading.Tasks;
using GameSockets;

internal static class Program
{
    private const int Size = 200;

    private static async Task<int> Main(string[] arguments)
    {
        int place = Array.IndexOf(arguments, "--count");
        int count = place >= 0 && place + 1 < arguments.Length ? int.Parse(arguments[place + 1]) : 1000;
        string role = arguments.Length > 0 && !arguments[0].StartsWith("--") ? arguments[0] : "both";
        string address = role != "both" && arguments.Length > 1 ? arguments[1] : "127.0.0.1:0";
        try
        {
            switch (role)
            {
                case "server":
                    await Serve(Listen(address));
                    return 0;
                case "client":
                    return await Measure(address, count);
                case "both":
                    ListenSocket socket = Listen(address);
                    Task serving = Serve(socket);
                    int code = await Measure(socket.Address, count);
                    socket.Sockets.Dispose();
                    await serving;
                    return code;
                default:
                    Console.Error.WriteLine("echo [server IP:PORT | client IP:PORT] [--count N]");
                    return 2;
            }
        }
        catch (NetworkingException problem)
        {
            Console.Error.WriteLine("echo: " + problem.Message);
            return 1;
        }
    }

    private static ListenSocket Listen(string address)
    {
        ListenSocket socket = new NetworkingSockets().CreateListenSocketIP(address);
        Console.WriteLine("listening on " + socket.Address);
        return socket;
    }

    private static async Task Serve(ListenSocket socket)
    {
        await foreach (Connection connection in socket.AcceptAllAsync())
        {
            _ = SendBack(connection);
        }
    }

    private static async Task SendBack(Connection connection)
    {
        string peer = connection.Info.DebugDescription;
        Console.WriteLine(peer + " has come");
        try
        {
            await foreach (MessageBatch batch in connection.ReceiveAllAsync())
            {
                for (int index = 0; index < batch.Count; index++)
                {
                    SendFlags flags = batch[index].IsReliable ? SendFlags.Reliable : SendFlags.Unreliable;
                    // A peer that does not read loses its answers.
                    connection.TrySend(batch[index].Payload, flags);
                }
                connection.Flush();
            }
        }
        catch (Exception end) when (end is ObjectDisposedException || end is NetworkingException)
        {
            // We are done, or it is.
        }
        Console.WriteLine(peer + " has left");
        connection.Dispose();
    }

    /// <summary>Sends one message after the other, each when the answer to the last is there.</summary>
    private static async Task<int> Measure(string address, int count)
    {
        using var sockets = new NetworkingSockets();
        Connection connection = await sockets.ConnectAsync(address);
        var payload = new byte[Size];
        int changed = 0;
        var watch = Stopwatch.StartNew();
        for (int number = 0; number < count; number++)
        {
            BitConverter.TryWriteBytes(payload, number);
            await connection.SendAsync(payload, SendFlags.ReliableNoNagle);
            using MessageBatch batch = await connection.ReceiveAsync(1);
            changed += batch[0].Payload.SequenceEqual(payload) ? 0 : 1;
        }
        double each = watch.Elapsed.TotalMilliseconds * 1000 / count;
        Console.WriteLine(count + " messages came back, " + changed + " changed; " + each.ToString("0") + " µs each");
        RealTimeStatus status = connection.RealTimeStatus;
        Console.WriteLine("ping " + status.Ping + " ms, quality " + status.LocalQuality.ToString("P0"));
        connection.Close(1000, "done", linger: true);
        return changed == 0 ? 0 : 1;
    }
}
