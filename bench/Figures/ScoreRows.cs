using DuckDB.NET.Data;

namespace Acceptance.Bench;

/// <summary>
/// Rows of a score table, made up without chance: client, day, segment, five features, probability, decile, operations, label.
/// The same seed and count give the same rows on every machine.
/// </summary>
internal static class ScoreRows
{
    private const ulong Seed = 20240601;
    private const long Stride = 1_000_003;

    private static readonly string[] Segments =
    [
        "Épargne", "Crédit conso", "Assurance", "Prêt immobilier", "Carte", "Jeune actif", "Senior", "Frontalier", "Étudiant", "Profession libérale", "Association", "PME", "Agricole",
        "Très petite entreprise", "Collectivité", "Inactif", "Premium", "Déménagé", "Nouveau", "Autre",
    ];

    /// <summary>Writes so many rows to a Parquet file (zstd).</summary>
    public static void WriteParquet(string file, int rows)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Run(connection, "CREATE TABLE scores (client_id BIGINT, score_date DATE, segment VARCHAR, f1 DOUBLE, f2 DOUBLE, f3 DOUBLE, f4 DOUBLE, f5 DOUBLE, proba DOUBLE, decile BIGINT, nb_ops BIGINT, label BOOLEAN)");
        using (var appender = connection.CreateAppender("scores"))
        {
            for (long k = 0; k < rows; k++)
            {
                Append(appender, k * Stride % rows);
            }
        }

        Run(connection, $"COPY scores TO '{file}' (FORMAT parquet, COMPRESSION zstd)");
    }

    private static void Append(DuckDBAppender appender, long i)
    {
        double? f1 = U(i, 9) < 0.02 ? null : Logit(U(i, 1));
        double? f3 = U(i, 10) < 0.10 ? null : Math.Exp(Logit(U(i, 3)) / 2);
        var f2 = Logit(U(i, 2));
        var proba = 1 / (1 + Math.Exp(-(-2 + (0.8 * (f1 ?? 0)) - (0.5 * f2) + (0.1 * (f3 ?? 0)))));
        appender.CreateRow()
            .AppendValue(10_000_000 + i)
            .AppendValue(new DateOnly(2024, 6, 1 + (int)(i % 28)))
            .AppendValue(Segments[(int)(20 * U(i, 8))])
            .AppendValue(f1)
            .AppendValue(f2)
            .AppendValue(f3)
            .AppendValue(Math.Floor(100 * U(i, 4)))
            .AppendValue(U(i, 5))
            .AppendValue(proba)
            .AppendValue((long)Math.Min(10, 1 + (int)(10 * proba)))
            .AppendValue((long)(5000 * U(i, 7)))
            .AppendValue(U(i, 6) < proba)
            .EndRow();
    }

    private static double U(long i, ulong column) => (Mix(Seed ^ Mix(unchecked((64 * (ulong)i) + column))) >> 11) * Math.Pow(2, -53);

    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }

    private static double Logit(double u) => Math.Log(u / (1 - u));

    private static void Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
