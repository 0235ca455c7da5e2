using System.Net.Sockets;
using Anywire.Udp.Format;

namespace Anywire.Udp.Sockets;

/// <summary>What is done with datagrams. Called by whoever receives, one at a time, but for <see cref="RanDry"/>; once <see cref="Take"/> has released its message another thread may go on with the next.</summary>
internal interface IDatagramSink
{
    /// <summary>Opens a datagram and lets the reader go to its messages; false when there is nothing in it to take.</summary>
    bool Open(Memory<byte> datagram, PeerAddress from, MessageReader messages);

    /// <summary>Takes one message of the datagram opened last. It may run code of others, even such that blocks, once it has read what it needs and released the message.</summary>
    /// <exception cref="MalformedMessageException">It is none: the rest of the datagram is left alone.</exception>
    void Take(MessageReader message);

    /// <summary>A datagram turned out not to be of the form.</summary>
    void Refuse(MalformedMessageException problem);

    /// <summary>Taking a message has failed in a way that it must not.</summary>
    void Broke(Exception error);

    /// <summary>Nothing more is there now, or it has been long enough: what waited for more goes. Any thread.</summary>
    void RanDry();

    /// <summary>Something that was sent could not be delivered.</summary>
    void Failed(SocketException error);
}
