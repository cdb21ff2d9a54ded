using System.Net;
using System.Net.Sockets;
using CliWrap;

namespace Acceptance.Bench;

/// <summary>An nginx that serves a folder of its own and takes files by PUT, as plainly as it can. It ends, and the folder with it, when it is disposed of.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("acc-nginx-").FullName;
    private readonly CancellationTokenSource _end = new();
    private Task _ended = Task.CompletedTask;

    private Nginx(int port) => Address = new Uri($"http://127.0.0.1:{port}/");

    public Uri Address { get; }

    public static async Task<Nginx> StartAsync()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var nginx = new Nginx(((IPEndPoint)free.LocalEndpoint).Port);
        free.Stop();
        await nginx.RunAsync();
        return nginx;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync()
    {
        foreach (var part in new[] { "root", "body" })
        {
            Directory.CreateDirectory(Path.Combine(_folder, part));
        }

        var configuration = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(configuration, $$"""
            daemon off; master_process off; pid {{_folder}}/pid; error_log {{_folder}}/error.log;
            events { }
            http {
                access_log off; sendfile on; client_max_body_size 0; client_body_temp_path {{_folder}}/body;
                proxy_temp_path {{_folder}}/t1; fastcgi_temp_path {{_folder}}/t2; uwsgi_temp_path {{_folder}}/t3; scgi_temp_path {{_folder}}/t4;
                server { listen {{Address.Authority}}; location / { root {{_folder}}/root; dav_methods PUT; } }
            }
            """);
        _ended = Cli.Wrap("nginx").WithArguments(["-c", configuration, "-e", Path.Combine(_folder, "error.log")]).WithValidation(CommandResultValidation.None).ExecuteAsync(_end.Token).Task;
        using var http = new HttpClient();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync(Address);
                return;
            }
            catch (HttpRequestException) when (attempt < 2000 && !_ended.IsCompleted)
            {
                await Task.Yield(); // It binds its port within milliseconds.
            }
        }
    }
}
