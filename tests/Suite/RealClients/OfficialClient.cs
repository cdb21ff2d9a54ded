namespace Acceptance.Tests.Suite.RealClients;

/// <summary>An official client of a platform's system, or a real one of its kind, as <c>ACCEPTANCE_SUITE_CLIENTS</c> names it.</summary>
public enum OfficialClient
{
    /// <summary>pip, in a virtual environment of Debian's Python.</summary>
    Pip,

    /// <summary>R, with what it compiles packages with.</summary>
    R,

    /// <summary>skopeo, which needs no engine.</summary>
    Skopeo,

    /// <summary>docker, with an engine on this machine.</summary>
    Docker,

    /// <summary>Debian's docker-registry, a second registry beside Harbor.</summary>
    DockerRegistry,

    /// <summary>gcloud storage and gcloud logging.</summary>
    Gcloud,

    /// <summary>gsutil itself, which speaks TLS only.</summary>
    Gsutil,

    /// <summary>rclone, with Google's Go library.</summary>
    Rclone,

    /// <summary>@google-cloud/storage and google-auth-library from npm.</summary>
    NodeStorage,

    /// <summary>bq, of the Google Cloud SDK.</summary>
    Bq,

    /// <summary>@google-cloud/bigquery from npm.</summary>
    NodeBigQuery,

    /// <summary>@google-cloud/logging from npm, over REST.</summary>
    NodeLogging,

    /// <summary>@google-cloud/run from npm, over REST.</summary>
    NodeRun,
}
