using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Acceptance.StandIns.Hosting;

namespace Acceptance.Bench;

/// <summary>How fast one object passes through the twin's Cloud Storage, beside nginx that takes and serves the same file: the same client and machine.</summary>
internal static class StorageFigure
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Sends a file to both and reads it back, several times, in turns.</summary>
    public static async Task MeasureAsync(long size, int rounds, TextWriter output)
    {
        await using var twin = await Twin.StartAsync(new TwinOptions());
        await using var nginx = await Nginx.StartAsync();
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(5) };
        var storage = new Uri(twin.Variables["ACCEPTANCE_GCS_URL"]);
        var token = JsonNode.Parse(await http.GetStringAsync(
            new Uri(new Uri(twin.Variables["ACCEPTANCE_GCP_AUTH_URL"]), "_standin/gcp-auth/token/recette@acc-lab.iam.gserviceaccount.com")))!["access_token"]!;
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)token!);
        (string Name, HttpMethod Method, Uri Up, Uri Down)[] servers =
        [
            ("nginx", HttpMethod.Put, new Uri(nginx.Address, "object"), new Uri(nginx.Address, "object")),
            ("twin", HttpMethod.Post, new Uri(storage, "upload/storage/v1/b/acc-lab-data/o?uploadType=media&name=object"), new Uri(storage, "storage/v1/b/acc-lab-data/o/object?alt=media")),
        ];

        // Once without being counted: a figure of the code, not of its compilation.
        await RoundAsync((long)(64 * Mebibyte), 0);
        var before = Peak();
        var (ups, downs) = (Speeds(), Speeds());
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var (name, up, down) in await RoundAsync(size, round))
            {
                ups[name].Add(up);
                downs[name].Add(down);
                await output.WriteLineAsync($"object of {size / Mebibyte:0} MiB, {name}, round {round}: up {up:0} MB/s, down {down:0} MB/s");
            }
        }

        await output.WriteLineAsync(
            $"twin to nginx, by their medians: up {Median(ups["twin"]) / Median(ups["nginx"]):0%}, down {Median(downs["twin"]) / Median(downs["nginx"]):0%} (at least 50 %)");
        await output.WriteLineAsync($"peak memory of this process, twin and client: {Peak()} MB, {Peak() - before} MB more than with a sixteenth of the object (flat)");

        async Task<List<(string Name, double Up, double Down)>> RoundAsync(long bytes, int seed)
        {
            var file = await FileAsync(bytes, seed);
            try
            {
                var speeds = new List<(string, double, double)>();
                // In turns: who comes second also pays for what the first left to be written to the disk.
                foreach (var (name, method, up, down) in seed % 2 == 0 ? servers : servers.Reverse())
                {
                    speeds.Add((name, await UpAsync(http, method, up, file), await DownAsync(http, down, bytes)));
                }

                return speeds;
            }
            finally
            {
                File.Delete(file);
            }
        }

        Dictionary<string, List<double>> Speeds() => servers.ToDictionary(server => server.Name, _ => new List<double>());
    }

    private static async Task<double> UpAsync(HttpClient http, HttpMethod method, Uri address, string file)
    {
        await using var bytes = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
        using var request = new HttpRequestMessage(method, address) { Content = new StreamContent(bytes, 128 * 1024) };
        var clock = Stopwatch.StartNew();
        using var answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return bytes.Length / 1e6 / clock.Elapsed.TotalSeconds;
    }

    private static async Task<double> DownAsync(HttpClient http, Uri address, long expected)
    {
        var clock = Stopwatch.StartNew();
        using var answer = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead);
        answer.EnsureSuccessStatusCode();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var (buffer, read) = (new byte[128 * 1024], 0L);
        while (await body.ReadAsync(buffer) is var count and > 0)
        {
            read += count;
        }

        return read == expected ? read / 1e6 / clock.Elapsed.TotalSeconds : throw new InvalidDataException($"{address} gave {read} bytes of {expected}.");
    }

    private static async Task<string> FileAsync(long size, int seed)
    {
        var file = Path.GetTempFileName();
        await using var stream = File.OpenWrite(file);
        var (random, buffer) = (new Random(seed), new byte[1024 * 1024]);
        for (var left = size; left > 0; left -= buffer.Length)
        {
            random.NextBytes(buffer);
            await stream.WriteAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)));
        }

        return file;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // VmHWM of proc(5): the most that was ever resident.
    private static long Peak() =>
        long.Parse(File.ReadLines("/proc/self/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
}
